using System.Diagnostics;
using Shop.Contracts;

namespace Shop.Payments.Charging;

/// <summary>A lock holder's claim on the payment of an order.</summary>
public sealed record PaymentClaim(Guid OrderId, Money Amount, long FencingToken);

/// <summary>The outcome that a lock holder writes.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="FencingToken">The token under which the row was claimed.</param>
/// <param name="CausedBy">The event that asked for it.</param>
/// <param name="From">The status that the claim found.</param>
/// <param name="To">The status from now on.</param>
/// <param name="Amount">The money that moved, or would have.</param>
/// <param name="Capture">The provider's booking of the capture, when this settlement is about one.</param>
/// <param name="Refund">Its booking of the refund.</param>
/// <param name="Reason">Why it was declined.</param>
public sealed record Settlement(
    Guid OrderId, long FencingToken, Guid CausedBy, PaymentStatus From, PaymentStatus To, Money Amount,
    ProviderBooking? Capture = null, ProviderBooking? Refund = null, string? Reason = null)
{
    /// <summary>The provider's reference of the movement that the order is left with.</summary>
    public string? Reference => (Refund ?? Capture)?.Reference;

    /// <summary>The trace that the outcome belongs to.</summary>
    public string? TraceParent { get; } = Activity.Current?.Id;
}
