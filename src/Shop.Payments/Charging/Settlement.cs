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
/// <param name="Reference">The provider's reference, when money moved.</param>
/// <param name="Reason">Why it was declined.</param>
public sealed record Settlement(
    Guid OrderId, long FencingToken, Guid CausedBy, PaymentStatus From, PaymentStatus To, Money Amount, string? Reference = null, string? Reason = null)
{
    /// <summary>The trace that the outcome belongs to.</summary>
    public string? TraceParent { get; } = Activity.Current?.Id;
}
