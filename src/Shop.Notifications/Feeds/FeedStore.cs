using Dapper;
using Npgsql;
using Shop.Contracts.Notifications;
using Shop.Messaging;
using Shop.Messaging.Jobs;
using Shop.Notifications.Receipts;

namespace Shop.Notifications.Feeds;

/// <summary>
/// The feeds in Postgres. Notifications that arrive together share a transaction, which locks the heads of its feeds in the
/// order of the customers' names and deals out their next sequences; an event that was told before keeps the sequence it got.
/// The job that a telling brings along (the receipt of a paid order) is enqueued in the same transaction: once, and never lost.
/// </summary>
public sealed class FeedStore : IAsyncDisposable
{
    private const string InboxConsumer = "notifications";

    private readonly NpgsqlDataSource _database;
    private readonly Outbox _outbox;
    private readonly GroupCommit<Telling, Notification> _groupCommit;

    public FeedStore(NpgsqlDataSource database, Outbox outbox)
    {
        (_database, _outbox) = (database, outbox);
        _groupCommit = new GroupCommit<Telling, Notification>("notifications.tell", CommitAsync);
    }

    /// <summary>Completes when the notification is durable; answers it with its sequence, also when it was told before.</summary>
    public Task<Notification> TellAsync(Telling telling, CancellationToken cancellationToken = default) => _groupCommit.SubmitAsync(telling, cancellationToken);

    /// <summary>Up to <paramref name="take"/> notifications after <paramref name="after"/>, oldest first.</summary>
    public Task<IReadOnlyList<Notification>> ReadAsync(string customer, long after, int take, CancellationToken cancellationToken = default) => QueryAsync(
        """
        SELECT sequence, kind, text, order_id, at
        FROM notifications
        WHERE customer = @customer AND sequence > @from
        ORDER BY sequence
        LIMIT @take
        """,
        customer,
        after,
        take,
        cancellationToken);

    /// <summary>Up to <paramref name="take"/> notifications before <paramref name="before"/>, newest first.</summary>
    public Task<IReadOnlyList<Notification>> ReadBackAsync(string customer, long before, int take, CancellationToken cancellationToken = default) => QueryAsync(
        """
        SELECT sequence, kind, text, order_id, at
        FROM notifications
        WHERE customer = @customer AND sequence < @from
        ORDER BY sequence DESC
        LIMIT @take
        """,
        customer,
        before,
        take,
        cancellationToken);

    public ValueTask DisposeAsync() => _groupCommit.DisposeAsync();

    private async Task<IReadOnlyList<Notification>> QueryAsync(string sql, string customer, long from, int take, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        var rows = await connection.QueryAsync<(long Sequence, string Kind, string Text, Guid? OrderId, DateTimeOffset At)>(
            new CommandDefinition(sql, new { customer, from, take }, cancellationToken: cancellationToken));
        return [.. rows.Select(static row => new Notification(row.Sequence, row.Kind, row.Text, row.OrderId, row.At))];
    }

    private async Task<IReadOnlyList<Notification>> CommitAsync(IReadOnlyList<Telling> batch, CancellationToken cancellationToken)
    {
        await using var transaction = await _outbox.BeginAsync(cancellationToken);
        var unseen = (await Inbox.TryRecordAsync(transaction, InboxConsumer, [.. batch.Select(static telling => telling.EventId).Distinct()], cancellationToken)).ToHashSet();
        var fresh = batch.Where(telling => unseen.Remove(telling.EventId)).ToList();
        var told = fresh.Count > 0 ? await WriteAsync(transaction, fresh, cancellationToken) : [];
        foreach (var telling in fresh)
        {
            if (telling.Receipt is { } receipt)
                transaction.EnqueueJob(ReceiptJobs.Send, receipt, traceParent: telling.TraceParent);
        }

        if (told.Count < batch.Count)
            await AddEarlierAsync(transaction, batch, told, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return [.. batch.Select(telling => told[telling.EventId])];
    }

    private static async Task<Dictionary<Guid, Notification>> WriteAsync(OutboxTransaction transaction, List<Telling> fresh, CancellationToken cancellationToken)
    {
        var counts = fresh.CountBy(static telling => telling.Customer, StringComparer.Ordinal).OrderBy(static pair => pair.Key, StringComparer.Ordinal).ToArray();
        var heads = await transaction.Connection.QueryAsync<(string Customer, long Last)>(new CommandDefinition(
            """
            INSERT INTO feeds (customer, last)
            SELECT customer, count FROM unnest(@customers, @counts) AS more (customer, count)
            ON CONFLICT (customer) DO UPDATE SET last = feeds.last + excluded.last
            RETURNING customer, last
            """,
            new { customers = counts.Select(static pair => pair.Key).ToArray(), counts = counts.Select(static pair => (long)pair.Value).ToArray() },
            transaction.Transaction,
            cancellationToken: cancellationToken));

        // A head is the last of the sequences that this batch took.
        var taken = counts.ToDictionary(static pair => pair.Key, static pair => pair.Value, StringComparer.Ordinal);
        var next = heads.ToDictionary(static head => head.Customer, head => head.Last - taken[head.Customer] + 1, StringComparer.Ordinal);
        var told = fresh.ToDictionary(static telling => telling.EventId, telling => telling.As(next[telling.Customer]++));
        await transaction.Connection.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO notifications (customer, sequence, event_id, kind, text, order_id, at)
            SELECT * FROM unnest(@customers, @sequences, @events, @kinds, @texts, @orders, @times)
            """,
            new
            {
                customers = fresh.ConvertAll(static telling => telling.Customer).ToArray(),
                sequences = fresh.ConvertAll(telling => told[telling.EventId].Sequence).ToArray(),
                events = fresh.ConvertAll(static telling => telling.EventId).ToArray(),
                kinds = fresh.ConvertAll(static telling => telling.Kind).ToArray(),
                texts = fresh.ConvertAll(static telling => telling.Text).ToArray(),
                orders = fresh.ConvertAll(static telling => telling.OrderId).ToArray(),
                times = fresh.ConvertAll(static telling => telling.At).ToArray(),
            },
            transaction.Transaction,
            cancellationToken: cancellationToken));
        return told;
    }

    private static async Task AddEarlierAsync(OutboxTransaction transaction, IReadOnlyList<Telling> batch, Dictionary<Guid, Notification> told, CancellationToken cancellationToken)
    {
        var rows = await transaction.Connection.QueryAsync<(Guid EventId, long Sequence, string Kind, string Text, Guid? OrderId, DateTimeOffset At)>(new CommandDefinition(
            "SELECT event_id, sequence, kind, text, order_id, at FROM notifications WHERE event_id = ANY (@events)",
            new { events = batch.Select(static telling => telling.EventId).Where(id => !told.ContainsKey(id)).ToArray() },
            transaction.Transaction,
            cancellationToken: cancellationToken));
        foreach (var row in rows)
            told.Add(row.EventId, new Notification(row.Sequence, row.Kind, row.Text, row.OrderId, row.At));
    }
}
