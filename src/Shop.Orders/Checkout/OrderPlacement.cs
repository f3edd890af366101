using Dapper;
using Npgsql;
using Shop.Contracts;
using Shop.Contracts.Orders;
using Shop.Messaging;

namespace Shop.Orders.Checkout;

/// <summary>
/// Places orders, those that arrive together in one transaction (group commit). The batch locks the stock rows it needs in
/// the order of their SKUs, so that two silos cannot deadlock; deals the stock out in memory; and writes stock, orders, lines
/// and outbox rows with one array each. Overselling is impossible: the rows stay locked from reading to writing, and a check
/// constraint stands behind them. An order that is refused costs its neighbours nothing. Two silos that race for one
/// idempotency key meet at the unique constraint: the loser's batch is rolled back and runs again, and then finds the winner's.
/// </summary>
public sealed class OrderPlacement : IAsyncDisposable
{
    private readonly Outbox _outbox;
    private readonly OrderReader _orders;
    private readonly TimeProvider _clock;
    private readonly GroupCommit<Placement, PlaceOrderResult> _groupCommit;

    public OrderPlacement(Outbox outbox, OrderReader orders, TimeProvider clock)
    {
        (_outbox, _orders, _clock) = (outbox, orders, clock);
        _groupCommit = new GroupCommit<Placement, PlaceOrderResult>("orders.place", CommitAsync);
    }

    /// <summary>Completes when the order is durable or refused.</summary>
    public Task<PlaceOrderResult> PlaceAsync(Placement placement, CancellationToken cancellationToken = default) =>
        _groupCommit.SubmitAsync(placement, cancellationToken);

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
        var keys = new List<string>(batch.Count);
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
            keys.Add(placement.Command.IdempotencyKey);
            transaction.Enqueue(
                Streams.Orders,
                order.Id.ToString(),
                new OrderPlaced(order.Id, order.Customer, total, placement.Command.CardToken, lines, now),
                placement.TraceParent);
        }

        if (placed.Count > 0)
        {
            await WriteAsync(transaction, placed, hashes, keys, stock, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
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
            FROM orders o
            JOIN unnest(@customers, @keys) AS wanted (customer, idempotency_key) USING (customer, idempotency_key);

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

    private static Task WriteAsync(
        OutboxTransaction transaction, List<Order> orders, List<byte[]> hashes, List<string> keys, StockAllocation stock, CancellationToken cancellationToken)
    {
        var lines = orders.SelectMany(static order => order.Lines.Select((line, index) => (order.Id, Number: (short)(index + 1), Line: line))).ToArray();
        return transaction.Connection.ExecuteAsync(new CommandDefinition(
            """
            UPDATE stock s
            SET available = s.available - taken.quantity
            FROM unnest(@takenSkus, @takenQuantities) AS taken (sku, quantity)
            WHERE s.sku = taken.sku;

            INSERT INTO orders (id, customer, idempotency_key, request_hash, status, version, total, placed_at)
            SELECT id, customer, idempotency_key, request_hash, @status, 1, total, @placedAt
            FROM unnest(@ids, @customers, @keys, @hashes, @totals) AS o (id, customer, idempotency_key, request_hash, total);

            INSERT INTO order_lines (order_id, line, sku, name, quantity, unit_price)
            SELECT *
            FROM unnest(@lineOrders, @lineNumbers, @lineSkus, @lineNames, @lineQuantities, @linePrices);
            """,
            new
            {
                takenSkus = stock.Taken.Keys.ToArray(),
                takenQuantities = stock.Taken.Values.ToArray(),
                status = (short)OrderStatus.Placed,
                placedAt = orders[0].PlacedAt,
                ids = orders.ConvertAll(static order => order.Id).ToArray(),
                customers = orders.ConvertAll(static order => order.Customer).ToArray(),
                keys = keys.ToArray(),
                hashes = hashes.ToArray(),
                totals = orders.ConvertAll(static order => order.Total.Amount).ToArray(),
                lineOrders = lines.Select(static line => line.Id).ToArray(),
                lineNumbers = lines.Select(static line => line.Number).ToArray(),
                lineSkus = lines.Select(static line => line.Line.Sku).ToArray(),
                lineNames = lines.Select(static line => line.Line.Name).ToArray(),
                lineQuantities = lines.Select(static line => line.Line.Quantity).ToArray(),
                linePrices = lines.Select(static line => line.Line.UnitPrice).ToArray(),
            },
            transaction.Transaction,
            cancellationToken: cancellationToken));
    }

    /// <param name="OrderId">The order that the key made.</param>
    /// <param name="RequestHash">Of the request that made it.</param>
    /// <param name="Order">Known when it was made in this batch.</param>
    private sealed record EarlierOrder(Guid OrderId, byte[] RequestHash, Order? Order);
}
