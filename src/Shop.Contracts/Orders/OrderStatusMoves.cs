namespace Shop.Contracts.Orders;

/// <summary>The moves that an order may make. Pure, so that it is tested exhaustively.</summary>
/// <remarks>
/// <code>
/// Placed ─▶ Paid ─▶ Cancelled ─▶ Refunded
///    ├────▶ Declined      ▲
///    └────────────────────┘
/// </code>
/// </remarks>
public static class OrderStatusMoves
{
    /// <summary>Whether an order may go from <paramref name="from"/> to <paramref name="to"/>.</summary>
    public static bool IsAllowed(OrderStatus from, OrderStatus to) => (from, to) switch
    {
        (OrderStatus.Placed, OrderStatus.Paid or OrderStatus.Declined or OrderStatus.Cancelled) => true,
        (OrderStatus.Paid, OrderStatus.Cancelled) => true,
        (OrderStatus.Cancelled, OrderStatus.Refunded) => true,
        _ => false,
    };

    /// <summary>Whether a customer who follows the order has seen how it ended: everything but <see cref="OrderStatus.Placed"/>.</summary>
    public static bool IsSettled(OrderStatus status) => status is not OrderStatus.Placed;
}
