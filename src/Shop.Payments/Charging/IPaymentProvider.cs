using Shop.Contracts;

namespace Shop.Payments.Charging;

/// <summary>Whoever moves the money. A call with an idempotency key that was used before answers what it answered then.</summary>
public interface IPaymentProvider
{
    /// <summary>Captures <paramref name="amount"/>, or refuses. Throws <see cref="PaymentProviderException"/> when it cannot say.</summary>
    Task<ChargeResult> ChargeAsync(string idempotencyKey, Money amount, string cardToken, CancellationToken cancellationToken);

    /// <summary>The reference of the capture that was made under <paramref name="idempotencyKey"/>, or null when none was.</summary>
    Task<string?> FindCaptureAsync(string idempotencyKey, CancellationToken cancellationToken);

    /// <summary>Gives captured money back, and answers the refund's reference.</summary>
    Task<string> RefundAsync(string idempotencyKey, Money amount, CancellationToken cancellationToken);
}

/// <summary>A reference when the money was captured, or the reason why not.</summary>
public readonly record struct ChargeResult(string? Reference, string? DeclineReason)
{
    public bool IsCaptured => Reference is not null;

    public static ChargeResult Captured(string reference) => new(reference, null);

    public static ChargeResult Declined(string reason) => new(null, reason);
}

/// <summary>The provider did not answer, or not with a decision: the charge may be tried again under the same key.</summary>
public sealed class PaymentProviderException(string message) : Exception(message);
