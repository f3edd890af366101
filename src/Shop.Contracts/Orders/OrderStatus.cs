namespace Shop.Contracts.Orders;

/// <summary>Where an order stands. The allowed moves are in <see cref="OrderStatusMoves"/>.</summary>
public enum OrderStatus
{
    /// <summary>Accepted and durable; its stock is taken; the payment is on its way.</summary>
    Placed = 1,

    /// <summary>The money is captured.</summary>
    Paid = 2,

    /// <summary>The payment was refused; the stock is back. Nothing follows.</summary>
    Declined = 3,

    /// <summary>Ended by the customer or by the payment deadline; the stock is back. Money already captured is given back.</summary>
    Cancelled = 4,

    /// <summary>Cancelled, and the captured money was given back. Nothing follows.</summary>
    Refunded = 5,
}
