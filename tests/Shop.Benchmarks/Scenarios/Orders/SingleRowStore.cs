using System.Text.Json;
using Npgsql;
using Shop.Benchmarks.Harness;
using Shop.Contracts;
using Shop.Contracts.Orders;
using Shop.Orders.Checkout;

namespace Shop.Benchmarks.Scenarios.Orders;

/// <summary>A transaction an order, of prepared single-row statements in two round trips: one reads and locks, one writes and commits.</summary>
internal sealed class SingleRowStore : StoreSide
{
    public const string Title = "Npgsql, an order a transaction";

    public override string Name => Title;

    protected override int Connections => Callers;

    public override Task RunAsync(Measurement measurement) => measurement.ClosedLoopAsync(Callers, PlaceAsync);

    private async Task PlaceAsync(int caller)
    {
        var (first, second) = OrderRequests.TwoSkus();
        var command = new PlaceOrder($"customer-{caller}", Guid.CreateVersion7().ToString("N"), "tok_4242", [new OrderedItem(first, 1), new OrderedItem(second, 1)]);
        var placement = Placement.Of(Guid.CreateVersion7(), command);
        await using var connection = await Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var lines = await LockAsync(connection, first, second);
        if (lines.Count != 2)
            throw new InvalidOperationException($"{first} or {second} is not in the catalogue.");

        var now = TimeProvider.System.GetUtcNow();
        var total = lines.Sum(static line => line.UnitPrice * line.Quantity);
        var placed = new OrderPlaced(placement.OrderId, command.Customer, Money.Of(total), command.CardToken, lines, now);
        await using var write = new NpgsqlBatch(connection, transaction);
        foreach (var line in lines)
            write.BatchCommands.Add(Command("UPDATE stock SET available = available - $1 WHERE sku = $2", line.Quantity, line.Sku));
        write.BatchCommands.Add(Command(
            "INSERT INTO orders (id, customer, idempotency_key, request_hash, status, version, total, placed_at) VALUES ($1, $2, $3, $4, 1, 1, $5, $6)",
            placement.OrderId, command.Customer, command.IdempotencyKey, placement.RequestHash, total, now));
        for (var i = 0; i < lines.Count; i++)
        {
            write.BatchCommands.Add(Command(
                "INSERT INTO order_lines (order_id, line, sku, name, quantity, unit_price) VALUES ($1, $2, $3, $4, $5, $6)",
                placement.OrderId, (short)(i + 1), lines[i].Sku, lines[i].Name, lines[i].Quantity, lines[i].UnitPrice));
        }

        write.BatchCommands.Add(Command(
            "INSERT INTO outbox (id, stream, key, type, data, occurred_at) VALUES ($1, 'orders', $2, 'OrderPlaced', $3, $4)",
            Guid.CreateVersion7(), placement.OrderId.ToString(), JsonSerializer.Serialize(placed, EventsJson.Default.OrderPlaced), now));
        write.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        await write.ExecuteNonQueryAsync();
    }

    private static async Task<List<OrderLine>> LockAsync(NpgsqlConnection connection, string first, string second)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT s.sku, p.name, p.price
            FROM stock s JOIN products p USING (sku)
            WHERE s.sku IN ($1, $2) AND s.available > 0
            ORDER BY s.sku
            FOR UPDATE OF s
            """,
            connection)
        { Parameters = { new NpgsqlParameter<string> { TypedValue = first }, new NpgsqlParameter<string> { TypedValue = second } } };
        List<OrderLine> lines = [];
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            lines.Add(new OrderLine(reader.GetString(0), reader.GetString(1), 1, reader.GetDecimal(2)));
        return lines;
    }

    private static NpgsqlBatchCommand Command(string text, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlBatchCommand(text);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }
}
