using Shop.Contracts.Orders;

namespace Shop.Orders.Fulfilment;

/// <summary>The side of an order's grain that only Shop.Orders itself calls.</summary>
[Alias("IOrderMovesGrain")]
public interface IOrderMovesGrain : IGrainWithGuidKey
{
    /// <summary>Applies what Payments said. May be repeated: <paramref name="eventId"/> counts once. Throws when the order does not exist.</summary>
    [Alias("ApplyPayment")]
    Task ApplyPaymentAsync(Guid eventId, OrderStatus to, string? reason);

    /// <summary>Cancels the order if it is still waiting for its payment. May be repeated.</summary>
    [Alias("CancelOverdue")]
    Task CancelOverdueAsync(string reason);
}
