using Shop.Contracts.Orders;

namespace Shop.Web.Pages.Orders;

/// <summary>How the pages speak of an order's status; js/orders/order.js has the same words for what happens while one looks.</summary>
internal static class StatusWords
{
    /// <summary>The kind of badge, see cards.css.</summary>
    public static string Kind(OrderStatus status) => status switch
    {
        OrderStatus.Paid => "good",
        OrderStatus.Placed => "info",
        OrderStatus.Declined => "bad",
        _ => "warn",
    };

    public static string Explain(OrderStatus status) => status switch
    {
        OrderStatus.Placed => "We have your order, and its stock is yours.",
        OrderStatus.Paid => "The money is here. Thank you!",
        OrderStatus.Declined => "The card was refused, and the stock went back. Nothing was taken.",
        OrderStatus.Cancelled => "The order ended, and the stock went back.",
        OrderStatus.Refunded => "Your money is on its way back to you.",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "A status without words."),
    };

    /// <summary>Whether the customer may cancel.</summary>
    public static bool CanBeCancelled(OrderStatus status) => OrderStatusMoves.IsAllowed(status, OrderStatus.Cancelled);
}
