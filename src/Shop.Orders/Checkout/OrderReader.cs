using Dapper;
using Npgsql;
using Shop.Contracts;
using Shop.Contracts.Orders;

namespace Shop.Orders.Checkout;

/// <summary>Reads orders, their lines and their steps.</summary>
public sealed class OrderReader(NpgsqlDataSource database)
{
    public async Task<Order?> GetAsync(Guid id, CancellationToken cancellationToken = default)
    {
        var orders = await ReadAsync(
            """
            SELECT id, customer, status, total, placed_at AS placedAt, reason, version
            FROM orders
            WHERE id = @id
            """,
            new { id },
            cancellationToken);
        return orders is [var order] ? order : null;
    }

    /// <summary>The order with the address for its receipt, or null.</summary>
    public async Task<OrderReceipt?> ReceiptAsync(Guid id, CancellationToken cancellationToken = default)
    {
        if (await GetAsync(id, cancellationToken) is not { } order)
            return null;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return new OrderReceipt(order, await connection.QuerySingleAsync<string?>(new CommandDefinition(
            "SELECT email FROM orders WHERE id = @id", new { id }, cancellationToken: cancellationToken)));
    }

    /// <summary>Newest first: UUIDv7 ids are in the order of placing.</summary>
    public Task<IReadOnlyList<Order>> ListAsync(string customer, Guid? after, int take, CancellationToken cancellationToken = default) =>
        ReadAsync(
            """
            SELECT id, customer, status, total, placed_at AS placedAt, reason, version
            FROM orders
            WHERE customer = @customer AND (@after::uuid IS NULL OR id < @after)
            ORDER BY id DESC
            LIMIT @take
            """,
            new { customer, after, take },
            cancellationToken);

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

    private async Task<IReadOnlyList<Order>> ReadAsync(string sql, object parameters, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var orders = (await connection.QueryAsync<OrderRow>(new CommandDefinition(sql, parameters, cancellationToken: cancellationToken))).AsList();
        if (orders.Count == 0)
            return [];

        var lines = await connection.QueryAsync<LineRow>(new CommandDefinition(
            """
            SELECT order_id AS orderId, sku, name, quantity, unit_price AS unitPrice
            FROM order_lines
            WHERE order_id = ANY (@ids)
            ORDER BY order_id, line
            """,
            new { ids = orders.ConvertAll(static order => order.Id).ToArray() },
            cancellationToken: cancellationToken));
        var byOrder = lines.ToLookup(static line => line.OrderId, static line => new OrderLine(line.Sku, line.Name, line.Quantity, line.UnitPrice));
        return [.. orders.Select(order => new Order(
            order.Id, order.Customer, (OrderStatus)order.Status, Money.Of(order.Total), [.. byOrder[order.Id]], new DateTimeOffset(order.PlacedAt), order.Reason, order.Version))];
    }

    private sealed record OrderRow(Guid Id, string Customer, short Status, decimal Total, DateTime PlacedAt, string? Reason, int Version);

    private sealed record LineRow(Guid OrderId, string Sku, string Name, int Quantity, decimal UnitPrice);
}
