using Dapper;
using Npgsql;
using Shop.Contracts;
using Shop.Contracts.Orders;
using Shop.Messaging;
using Shop.Orders.Catalogue;

namespace Shop.Orders.Fulfilment;

/// <summary>
/// Moves placed orders on, those that arrive together in one transaction. The batch locks its order rows in the order of their
/// ids and reads the status under that lock, so that a move is decided on the truth and the outbox rows of one order are
/// written in the order of its versions. An event that was handled before (inbox), and a move that the rules do not allow,
/// change nothing and say what the status is. Stock comes back in the same transaction that declines or cancels.
/// </summary>
public sealed class OrderMoves : IAsyncDisposable
{
    private const string InboxConsumer = "orders";

    private readonly Outbox _outbox;
    private readonly CatalogueChanges _changes;
    private readonly TimeProvider _clock;
    private readonly GroupCommit<OrderMove, OrderMoveResult> _groupCommit;

    public OrderMoves(Outbox outbox, CatalogueChanges changes, TimeProvider clock)
    {
        (_outbox, _changes, _clock) = (outbox, changes, clock);
        _groupCommit = new GroupCommit<OrderMove, OrderMoveResult>("orders.move", CommitAsync);
    }

    /// <summary>Completes when the move is durable or found needless.</summary>
    public async Task<OrderMoveResult> MoveAsync(OrderMove move, CancellationToken cancellationToken = default)
    {
        var result = await _groupCommit.SubmitAsync(move, cancellationToken);
        if (result.Moved)
            OrdersTelemetry.Moved(result.Status, result.SincePlaced!.Value); // here, where the trace is the mover's own
        return result;
    }

    public ValueTask DisposeAsync() => _groupCommit.DisposeAsync();

    private async Task<IReadOnlyList<OrderMoveResult>> CommitAsync(IReadOnlyList<OrderMove> batch, CancellationToken cancellationToken)
    {
        await using var transaction = await _outbox.BeginAsync(cancellationToken);
        var orders = await LockAsync(transaction, batch, cancellationToken);
        var causes = batch.Where(static move => move.CausedBy is not null).Select(static move => move.CausedBy!.Value).Distinct().ToArray();
        var unseen = causes.Length == 0 ? [] : new HashSet<Guid>(await Inbox.TryRecordAsync(transaction, InboxConsumer, causes, cancellationToken));

        var now = _clock.GetUtcNow();
        var steps = new List<OrderStatusChange>();
        var results = new OrderMoveResult[batch.Count];
        for (var i = 0; i < batch.Count; i++)
        {
            var move = batch[i];
            if (!orders.TryGetValue(move.OrderId, out var order))
            {
                results[i] = new OrderMoveResult(Found: false, Moved: false, default, Version: 0, Reason: null, At: null, SincePlaced: null);
                continue;
            }

            var first = move.CausedBy is not { } cause || unseen.Remove(cause);
            var moves = first && OrderStatusMoves.IsAllowed(order.Status, move.To) && (move.OnlyFrom ?? order.Status) == order.Status;
            if (moves)
            {
                order.MoveTo(move.To, move.Reason);
                steps.Add(new OrderStatusChange(order.Id, order.Version, order.Status, now, order.Reason));
                Announce(transaction, order, now, move.TraceParent);
            }

            results[i] = new OrderMoveResult(Found: true, moves, order.Status, order.Version, order.Reason, moves ? now : null, moves ? now - order.PlacedAt : null);
        }

        if (steps.Count > 0)
            Write(transaction, steps);
        var restocked = await RestockAsync(transaction, steps, cancellationToken);
        var change = restocked.Count > 0 ? _changes.Enqueue(transaction, restocked) : null;
        await transaction.CommitAsync(cancellationToken);
        if (change is not null)
            _changes.Post(change);
        return results;
    }

    private static async Task<Dictionary<Guid, LockedOrder>> LockAsync(OutboxTransaction transaction, IReadOnlyList<OrderMove> batch, CancellationToken cancellationToken)
    {
        var rows = await transaction.Connection.QueryAsync<(Guid Id, string Customer, short Status, int Version, decimal Total, string? Reason, DateTime PlacedAt)>(new CommandDefinition(
            """
            SELECT id, customer, status, version, total, reason, placed_at
            FROM orders
            WHERE id = ANY (@ids)
            ORDER BY id
            FOR UPDATE
            """,
            new { ids = batch.Select(static move => move.OrderId).Distinct().ToArray() },
            transaction.Transaction,
            cancellationToken: cancellationToken));
        return rows.ToDictionary(
            static row => row.Id,
            static row => new LockedOrder(row.Id, row.Customer, row.Total, (OrderStatus)row.Status, row.Version, row.Reason, new DateTimeOffset(row.PlacedAt)));
    }

    /// <summary>The steps, and what the orders are after them; they travel with the commit.</summary>
    private static void Write(OutboxTransaction transaction, List<OrderStatusChange> steps)
    {
        var last = new Dictionary<Guid, OrderStatusChange>();
        foreach (var step in steps)
            last[step.OrderId] = step;

        transaction.Defer(Sql.Batched(
            """
            INSERT INTO order_steps (order_id, version, status, reason, at)
            SELECT order_id, version, status, reason, $5
            FROM unnest($1, $2, $3, $4) AS step (order_id, version, status, reason)
            """,
            [.. Columns(steps), Sql.Of(steps[0].At)]));
        transaction.Defer(Sql.Batched(
            """
            UPDATE orders o
            SET status = last.status, version = last.version, reason = last.reason
            FROM unnest($1, $2, $3, $4) AS last (order_id, version, status, reason)
            WHERE o.id = last.order_id
            """,
            Columns([.. last.Values])));
    }

    private static NpgsqlParameter[] Columns(List<OrderStatusChange> steps) =>
    [
        Sql.Of(steps.ConvertAll(static step => step.OrderId).ToArray()),
        Sql.Of(steps.ConvertAll(static step => step.Version).ToArray()),
        Sql.Of(steps.ConvertAll(static step => (short)step.Status).ToArray()),
        Sql.Of(steps.ConvertAll(static step => step.Reason).ToArray()),
    ];

    /// <summary>Gives back the stock of orders that are off, and answers the SKUs that have more of it now.</summary>
    private static async Task<List<string>> RestockAsync(OutboxTransaction transaction, List<OrderStatusChange> steps, CancellationToken cancellationToken)
    {
        // Only Declined, and Cancelled, give stock back, and an order passes through at most one of them.
        var returned = steps.Where(static step => step.Status is OrderStatus.Declined or OrderStatus.Cancelled).Select(static step => step.OrderId).ToArray();
        if (returned.Length == 0)
            return [];
        var restocked = await transaction.Connection.QueryAsync<string>(new CommandDefinition(
            """
            WITH returned AS (
                SELECT sku, sum(quantity)::integer AS quantity FROM order_lines WHERE order_id = ANY (@returned) GROUP BY sku
            ), locked AS (
                SELECT sku FROM stock WHERE sku IN (SELECT sku FROM returned) ORDER BY sku FOR UPDATE
            )
            UPDATE stock s
            SET available = s.available + returned.quantity
            FROM returned
            JOIN locked USING (sku)
            WHERE s.sku = returned.sku
            RETURNING s.sku
            """,
            new { returned },
            transaction.Transaction,
            cancellationToken: cancellationToken));
        return restocked.AsList();
    }

    private static void Announce(OutboxTransaction transaction, LockedOrder order, DateTimeOffset now, string? traceParent)
    {
        var (key, total) = (order.Id.ToString(), Money.Of(order.Total));
        switch (order.Status)
        {
            case OrderStatus.Paid:
                transaction.Enqueue(Streams.Orders, key, new OrderPaid(order.Id, order.Customer, total, now), traceParent);
                break;
            case OrderStatus.Declined:
                transaction.Enqueue(Streams.Orders, key, new OrderDeclined(order.Id, order.Customer, total, order.Reason ?? "", now), traceParent);
                break;
            case OrderStatus.Cancelled:
                transaction.Enqueue(Streams.Orders, key, new OrderCancelled(order.Id, order.Customer, total, order.Reason ?? "", now), traceParent);
                break;
            case OrderStatus.Refunded:
                transaction.Enqueue(Streams.Orders, key, new OrderRefunded(order.Id, order.Customer, total, now), traceParent);
                break;
            default:
                throw new InvalidOperationException($"The order {order.Id} cannot move to {order.Status}.");
        }
    }

    /// <summary>An order whose row this transaction has locked; several moves of one batch build on each other.</summary>
    private sealed class LockedOrder(Guid id, string customer, decimal total, OrderStatus status, int version, string? reason, DateTimeOffset placedAt)
    {
        public Guid Id => id;

        public string Customer => customer;

        public decimal Total => total;

        public DateTimeOffset PlacedAt => placedAt;

        public OrderStatus Status { get; private set; } = status;

        public int Version { get; private set; } = version;

        public string? Reason { get; private set; } = reason;

        public void MoveTo(OrderStatus to, string? why) => (Status, Version, Reason) = (to, Version + 1, why ?? Reason);
    }
}
