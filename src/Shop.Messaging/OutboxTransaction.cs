using System.Diagnostics;
using System.Text.Json;
using Npgsql;
using Shop.Messaging.Relaying;
using Shop.Redis.Streams;

namespace Shop.Messaging;

/// <summary>One database transaction and the events that become true with it. Not for concurrent use; disposing without a commit rolls back.</summary>
public sealed class OutboxTransaction : IAsyncDisposable
{
    private readonly List<(string Stream, StreamMessage Message)> _events = [];
    private readonly List<NpgsqlBatchCommand> _deferred = [];
    private readonly OutboxOptions _options;
    private readonly TimeProvider _clock;
    private readonly OutboxRelay? _relay;

    internal OutboxTransaction(NpgsqlConnection connection, NpgsqlTransaction transaction, OutboxOptions options, TimeProvider clock, OutboxRelay? relay) =>
        (Connection, Transaction, _options, _clock, _relay) = (connection, transaction, options, clock, relay);

    /// <summary>What time it is for this transaction's events.</summary>
    internal TimeProvider Clock => _clock;

    /// <summary>The open connection; commands on it are part of the transaction.</summary>
    public NpgsqlConnection Connection { get; }

    /// <summary>The transaction, for APIs that ask for it (Dapper). Commit through <see cref="CommitAsync"/> only.</summary>
    public NpgsqlTransaction Transaction { get; }

    /// <summary>
    /// Adds an event, which is written with the commit. Its id is a new UUIDv7, its time the clock's, its type name the
    /// event type's short name.
    /// </summary>
    /// <param name="stream">The stream, for example <c>orders</c>.</param>
    /// <param name="key">Events of one key keep their order, for example the order id. Its row must have been locked by this transaction before.</param>
    /// <param name="event">The event; its type must be known to <see cref="OutboxOptions.Events"/>. Serialised at once.</param>
    /// <param name="traceParent">The W3C traceparent of the request that caused the event; the current activity's when null. A transaction that serves many requests (<see cref="GroupCommit{TItem, TResult}"/>) names each one's own.</param>
    /// <returns>The event id.</returns>
    /// <exception cref="InvalidOperationException">There is no source-generated JSON for the event's type.</exception>
    public Guid Enqueue<TEvent>(string stream, string key, TEvent @event, string? traceParent = null)
        where TEvent : notnull
    {
        ArgumentException.ThrowIfNullOrEmpty(stream);
        ArgumentException.ThrowIfNullOrEmpty(key);
        var type = @event.GetType();
        var now = _clock.GetUtcNow();
        var message = new StreamMessage(
            Guid.CreateVersion7(now),
            type.Name,
            key,
            now,
            JsonSerializer.SerializeToUtf8Bytes(@event, _options.Json(type)),
            traceParent ?? (Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.Id : null));
        Add(stream, message);
        return message.Id;
    }

    /// <summary>
    /// Adds a statement whose result nobody needs. It runs with the commit, in its round trip, before the events are written and
    /// after what was deferred earlier; its locks are taken only then.
    /// </summary>
    /// <param name="command">With positional parameters ($1). It must return no rows.</param>
    public void Defer(NpgsqlBatchCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        _deferred.Add(command);
    }

    /// <summary>Adds an event that is complete, as <see cref="Enqueue"/> does.</summary>
    internal void Add(string stream, StreamMessage message) => _events.Add((stream, message));

    /// <summary>
    /// Runs what was deferred, writes the events and commits, in one round trip; then hands the events to the relay. Never waits for Redis.
    /// </summary>
    /// <exception cref="PostgresException">PostgreSQL refused, at a statement or at the commit (deferred constraints): nothing is committed.</exception>
    /// <exception cref="NpgsqlException">The connection broke: whether the commit happened is unknown. If it did, the sweeper appends the events.</exception>
    public async Task CommitAsync(CancellationToken cancellationToken = default)
    {
        var rows = await OutboxTable.InsertAndCommitAsync(Connection, Transaction, _deferred, _events, cancellationToken).ConfigureAwait(false);
        _deferred.Clear();
        _events.Clear();
        _relay?.Offer(rows);
    }

    /// <summary>Rolls back what was not committed and closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        await Transaction.DisposeAsync().ConfigureAwait(false);
        await Connection.DisposeAsync().ConfigureAwait(false);
    }
}
