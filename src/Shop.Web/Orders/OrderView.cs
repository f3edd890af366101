using Shop.Contracts.Orders;

namespace Shop.Web.Orders;

/// <summary>An order as the API shows it; amounts are in <paramref name="Currency"/>.</summary>
public sealed record OrderView(
    Guid Id, OrderStatus Status, decimal Total, string Currency, IReadOnlyList<OrderLineView> Lines, DateTimeOffset PlacedAt, string? Reason)
{
    public static OrderView Of(Order order) => new(
        order.Id, order.Status, order.Total.Amount, order.Total.Currency, [.. order.Lines.Select(OrderLineView.Of)], order.PlacedAt, order.Reason);
}

/// <summary>A line, at the price of the moment the order was placed.</summary>
public sealed record OrderLineView(string Sku, string Name, int Quantity, decimal UnitPrice)
{
    public static OrderLineView Of(OrderLine line) => new(line.Sku, line.Name, line.Quantity, line.UnitPrice);
}

/// <summary>Orders, newest first; <paramref name="Next"/> is the <c>after</c> of the next page, or null at the end.</summary>
public sealed record OrderList(IReadOnlyList<OrderView> Items, Guid? Next);
