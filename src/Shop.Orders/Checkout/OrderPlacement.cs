using Dapper;
using Npgsql;
using Shop.Contracts;
using Shop.Contracts.Orders;
using Shop.Messaging;
using Shop.Orders.Catalogue;

namespace Shop.Orders.Checkout;

/// <summary>
/// Places orders, those that arrive together in one transaction (group commit). The batch locks the stock rows it needs in
/// the order of their SKUs, so that two silos cannot deadlock; deals the stock out in memory; and writes stock, orders, lines
/// and outbox rows with one array a column. That is two round trips for a batch of any size: one reads and locks, one writes and commits. Overselling is impossible: the rows stay locked from reading to writing, and a check
/// constraint stands behind them. An order that is refused costs its neighbours nothing. Two silos that race for one
/// idempotency key meet at the unique constraint: the loser's batch is rolled back and runs again, and then finds the winner's.
/// </summary>
public sealed class OrderPlacement : IAsyncDisposable
{
    private readonly Outbox _outbox;
    private readonly OrderReader _orders;
    private readonly CatalogueChanges _changes;
    private readonly TimeProvider _clock;
    private readonly GroupCommit<Placement, PlaceOrderResult> _groupCommit;

    public OrderPlacement(Outbox outbox, OrderReader orders, CatalogueChanges changes, TimeProvider clock)
    {
        (_outbox, _orders, _changes, _clock) = (outbox, orders, changes, clock);
        _groupCommit = new GroupCommit<Placement, PlaceOrderResult>("orders.place", CommitAsync);
    }

    /// <summary>Completes when the order is durable or refused.</summary>
    public async Task<PlaceOrderResult> PlaceAsync(Placement placement, CancellationToken cancellationToken = default)
    {
        var result = await _groupCommit.SubmitAsync(placement, cancellationToken);
        OrdersTelemetry.Placement(result.Outcome); // here, where the trace is the caller's own
        return result;
    }

    public ValueTask DisposeAsync() => _groupCommit.DisposeAsync();

    private async Task<IReadOnlyList<PlaceOrderResult>> CommitAsync(IReadOnlyList<Placement> batch, CancellationToken cancellationToken)
    {
        try
        {
            return await TryCommitAsync(batch, cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return await TryCommitAsync(batch, cancellationToken);
        }
    }

    private async Task<IReadOnlyList<PlaceOrderResult>> TryCommitAsync(IReadOnlyList<Placement> batch, CancellationToken cancellationToken)
    {
        await using var transaction = await _outbox.BeginAsync(cancellationToken);
        var (earlier, stock) = await ReadAndLockAsync(transaction, batch, cancellationToken);

        var results = new PlaceOrderResult[batch.Count];
        var placed = new List<Order>(batch.Count);
        var hashes = new List<byte[]>(batch.Count);
        var commands = new List<PlaceOrder>(batch.Count);
        var now = _clock.GetUtcNow();
        for (var i = 0; i < batch.Count; i++)
        {
            var placement = batch[i];
            if (earlier.TryGetValue(placement.Identity, out var before))
            {
                results[i] = placement.RequestHash.AsSpan().SequenceEqual(before.RequestHash)
                    ? new PlaceOrderResult(PlaceOrderOutcome.AlreadyPlaced, before.Order ?? await _orders.GetAsync(before.OrderId, cancellationToken))
                    : new PlaceOrderResult(PlaceOrderOutcome.KeyReused);
                continue;
            }

            if (stock.TryTake(placement.Command, out var refusal) is not { } lines)
            {
                results[i] = refusal!;
                continue;
            }

            var total = Money.Of(lines.Sum(static line => line.UnitPrice * line.Quantity));
            var order = new Order(placement.OrderId, placement.Command.Customer, OrderStatus.Placed, total, lines, now, Reason: null, Version: 1);
            results[i] = new PlaceOrderResult(PlaceOrderOutcome.Placed, order);
            earlier.Add(placement.Identity, new EarlierOrder(order.Id, placement.RequestHash, order));
            placed.Add(order);
            hashes.Add(placement.RequestHash);
            commands.Add(placement.Command);
            transaction.Enqueue(
                Streams.Orders,
                order.Id.ToString(),
                new OrderPlaced(order.Id, order.Customer, total, placement.Command.CardToken, lines, now),
                placement.TraceParent);
        }

        if (placed.Count > 0)
        {
            Write(transaction, placed, hashes, commands, stock);
            var change = _changes.Enqueue(transaction, stock.Taken.Keys);
            await transaction.CommitAsync(cancellationToken);
            _changes.Post(change);
        }

        return results;
    }

    /// <summary>One round trip: the orders that the batch's keys already made, and the stock of its SKUs, locked.</summary>
    private static async Task<(Dictionary<(string, string), EarlierOrder> Earlier, StockAllocation Stock)> ReadAndLockAsync(
        OutboxTransaction transaction, IReadOnlyList<Placement> batch, CancellationToken cancellationToken)
    {
        await using var both = await transaction.Connection.QueryMultipleAsync(new CommandDefinition(
            """
            SELECT o.id, o.customer, o.idempotency_key, o.request_hash
            FROM unnest(@customers, @keys) AS wanted (customer, idempotency_key)
            CROSS JOIN LATERAL ( -- each key through the index, also with a plan that was made when there were no orders
                SELECT * FROM orders o WHERE o.customer = wanted.customer AND o.idempotency_key = wanted.idempotency_key LIMIT 1
            ) o;

            SELECT s.sku, p.name, p.price, s.available
            FROM stock s
            JOIN products p USING (sku)
            WHERE s.sku = ANY (@skus)
            ORDER BY s.sku
            FOR UPDATE OF s;
            """,
            new
            {
                customers = batch.Select(static placement => placement.Command.Customer).ToArray(),
                keys = batch.Select(static placement => placement.Command.IdempotencyKey).ToArray(),
                skus = batch.SelectMany(static placement => placement.Command.Lines).Select(static line => line.Sku).Distinct(StringComparer.Ordinal).ToArray(),
            },
            transaction.Transaction,
            cancellationToken: cancellationToken));

        var earlier = await both.ReadAsync<(Guid Id, string Customer, string Key, byte[] Hash)>();
        var stock = await both.ReadAsync<StockRow>();
        return (
            earlier.ToDictionary(static row => (row.Customer, row.Key), static row => new EarlierOrder(row.Id, row.Hash, Order: null)),
            new StockAllocation(stock));
    }

    /// <summary>Stock, orders and lines, one array a column; they travel with the commit.</summary>
    private static void Write(OutboxTransaction transaction, List<Order> orders, List<byte[]> hashes, List<PlaceOrder> commands, StockAllocation stock)
    {
        var lines = orders.SelectMany(static order => order.Lines.Select((line, index) => (order.Id, Number: (short)(index + 1), Line: line))).ToArray();
        transaction.Defer(Sql.Batched(
            """
            UPDATE stock s
            SET available = s.available - taken.quantity
            FROM unnest($1, $2) AS taken (sku, quantity)
            WHERE s.sku = taken.sku
            """,
            Sql.Of(stock.Taken.Keys.ToArray()),
            Sql.Of(stock.Taken.Values.ToArray())));
        transaction.Defer(Sql.Batched(
            """
            INSERT INTO orders (id, customer, idempotency_key, request_hash, status, version, total, placed_at, email)
            SELECT id, customer, idempotency_key, request_hash, $7, 1, total, $8, email
            FROM unnest($1, $2, $3, $4, $5, $6) AS o (id, customer, idempotency_key, request_hash, total, email)
            """,
            Sql.Of(orders.ConvertAll(static order => order.Id).ToArray()),
            Sql.Of(orders.ConvertAll(static order => order.Customer).ToArray()),
            Sql.Of(commands.ConvertAll(static command => command.IdempotencyKey).ToArray()),
            Sql.Of(hashes.ToArray()),
            Sql.Of(orders.ConvertAll(static order => order.Total.Amount).ToArray()),
            Sql.Of(commands.ConvertAll(static command => command.Email).ToArray()),
            Sql.Of((short)OrderStatus.Placed),
            Sql.Of(orders[0].PlacedAt)));
        transaction.Defer(Sql.Batched(
            """
            INSERT INTO order_lines (order_id, line, sku, name, quantity, unit_price)
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6)
            """,
            Sql.Of(Array.ConvertAll(lines, static line => line.Id)),
            Sql.Of(Array.ConvertAll(lines, static line => line.Number)),
            Sql.Of(Array.ConvertAll(lines, static line => line.Line.Sku)),
            Sql.Of(Array.ConvertAll(lines, static line => line.Line.Name)),
            Sql.Of(Array.ConvertAll(lines, static line => line.Line.Quantity)),
            Sql.Of(Array.ConvertAll(lines, static line => line.Line.UnitPrice))));
    }

    /// <param name="OrderId">The order that the key made.</param>
    /// <param name="RequestHash">Of the request that made it.</param>
    /// <param name="Order">Known when it was made in this batch.</param>
    private sealed record EarlierOrder(Guid OrderId, byte[] RequestHash, Order? Order);
}
