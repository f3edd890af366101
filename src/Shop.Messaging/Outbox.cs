using System.Data;
using Npgsql;
using Shop.Messaging.Relaying;

namespace Shop.Messaging;

/// <summary>
/// Makes an event part of the transaction that makes it true. A service begins an <see cref="OutboxTransaction"/>,
/// changes its tables and enqueues events; one commit makes both durable or neither. Afterwards the relay appends the
/// events to their Redis Streams (about a millisecond later; see <c>OutboxRelay</c>), and whatever a crash or an absent
/// Redis left behind is swept up (see <c>OutboxSweeper</c>). An event is therefore appended at least once, never before
/// its commit, and never because of a rolled-back one; consumers tell repeats by the event id (<see cref="Inbox"/>).
/// Events of one key are first appended in the order of their commits, provided that the writers of one key take turns:
/// lock or update the key's own row (the order, the customer) in the transaction before anything else. The price of the
/// outbox is one insert in the commit's own round trip, and one batched update per event afterwards.
/// </summary>
public sealed class Outbox
{
    private readonly NpgsqlDataSource _database;
    private readonly OutboxOptions _options;
    private readonly TimeProvider _clock;
    private readonly OutboxRelay? _relay;

    /// <summary>An outbox without a relay of its own: its events wait for the sweeper of any process of the service. Services use <c>AddOutbox</c>.</summary>
    public Outbox(NpgsqlDataSource database, OutboxOptions options, TimeProvider? clock = null)
        : this(database, options, clock, relay: null)
    {
    }

    internal Outbox(NpgsqlDataSource database, OutboxOptions options, TimeProvider? clock, OutboxRelay? relay)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Validate() is { } wrong)
            throw new ArgumentException(wrong, nameof(options));

        (_database, _options, _clock, _relay) = (database, options, clock ?? TimeProvider.System, relay);
    }

    /// <summary>
    /// Opens a connection and a READ COMMITTED transaction. The BEGIN travels with the first statement, so this costs a
    /// round trip only when the pool has no open connection.
    /// </summary>
    /// <exception cref="NpgsqlException">PostgreSQL cannot be reached.</exception>
    public async Task<OutboxTransaction> BeginAsync(CancellationToken cancellationToken = default)
    {
        var connection = await _database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken).ConfigureAwait(false);
            return new OutboxTransaction(connection, transaction, _options, _clock, _relay);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
