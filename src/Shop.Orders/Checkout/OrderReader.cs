using Dapper;
using Npgsql;
using Shop.Contracts;
using Shop.Contracts.Orders;

namespace Shop.Orders.Checkout;

/// <summary>Reads orders, their lines and their steps.</summary>
public sealed class OrderReader(NpgsqlDataSource database)
{
    /// <summary>The order with the address for its receipt, or null.</summary>
    public async Task<OrderReceipt?> ReceiptAsync(Guid id, CancellationToken cancellationToken = default) =>
        await ReadAsync("SELECT * FROM orders WHERE id = @id", new { id }, cancellationToken) is [var receipt] ? receipt : null;

    public async Task<Order?> GetAsync(Guid id, CancellationToken cancellationToken = default) => (await ReceiptAsync(id, cancellationToken))?.Order;

    /// <summary>Newest first: UUIDv7 ids are in the order of placing.</summary>
    public async Task<IReadOnlyList<Order>> ListAsync(string customer, Guid? after, int take, CancellationToken cancellationToken = default)
    {
        var receipts = await ReadAsync(
            """
            SELECT *
            FROM orders
            WHERE customer = @customer AND (@after::uuid IS NULL OR id < @after)
            ORDER BY id DESC
            LIMIT @take
            """,
            new { customer, after, take },
            cancellationToken);
        return receipts.ConvertAll(static receipt => receipt.Order);
    }

    /// <summary>The steps after version <paramref name="after"/>, oldest first; empty for an order that does not exist.</summary>
    public async Task<IReadOnlyList<OrderStatusChange>> HistoryAsync(Guid id, int after, CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var steps = await connection.QueryAsync<(int Version, short Status, DateTimeOffset At, string? Reason)>(new CommandDefinition(
            """
            SELECT 1 AS version, 1::smallint AS status, placed_at AS at, NULL AS reason FROM orders WHERE id = @id AND @after < 1
            UNION ALL
            SELECT version, status, at, reason FROM order_steps WHERE order_id = @id AND version > @after
            ORDER BY version
            """,
            new { id, after },
            cancellationToken: cancellationToken));
        return [.. steps.Select(step => new OrderStatusChange(id, step.Version, (OrderStatus)step.Status, step.At, step.Reason))];
    }

    /// <summary>Orders that still wait for a payment and were placed before <paramref name="placedBefore"/>, oldest first.</summary>
    public async Task<IReadOnlyList<Guid>> OverdueAsync(DateTimeOffset placedBefore, int take, CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return (await connection.QueryAsync<Guid>(new CommandDefinition(
            """
            SELECT id FROM orders WHERE status = 1 AND placed_at < @placedBefore ORDER BY placed_at LIMIT @take
            """,
            new { placedBefore, take },
            cancellationToken: cancellationToken))).AsList();
    }

    /// <summary>Orders with their lines, in one statement. OFFSET 0 has the lines looked up for each order, whatever the planner expects of the tables.</summary>
    private async Task<List<OrderReceipt>> ReadAsync(string orders, object parameters, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var rows = await connection.QueryAsync<OrderRow, OrderLine, (OrderRow Order, OrderLine Line)>(
            new CommandDefinition(
                $"""
                SELECT o.id, o.customer, o.status, o.total, o.placed_at AS placedAt, o.reason, o.version, o.email, l.sku, l.name, l.quantity, l.unit_price AS unitPrice
                FROM ({orders}) o
                CROSS JOIN LATERAL (SELECT * FROM order_lines WHERE order_id = o.id OFFSET 0) l
                ORDER BY o.id DESC, l.line
                """,
                parameters,
                cancellationToken: cancellationToken),
            static (order, line) => (order, line),
            splitOn: "sku");
        return
        [
            .. rows.GroupBy(static row => row.Order.Id).Select(static lines => Receipt(lines.First().Order, [.. lines.Select(static row => row.Line)])),
        ];
    }

    private static OrderReceipt Receipt(OrderRow row, IReadOnlyList<OrderLine> lines) => new(
        new Order(row.Id, row.Customer, (OrderStatus)row.Status, Money.Of(row.Total), lines, new DateTimeOffset(row.PlacedAt), row.Reason, row.Version), row.Email);

    private sealed record OrderRow(Guid Id, string Customer, short Status, decimal Total, DateTime PlacedAt, string? Reason, int Version, string? Email);
}
