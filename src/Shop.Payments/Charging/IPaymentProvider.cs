using Shop.Contracts;

namespace Shop.Payments.Charging;

/// <summary>Whoever moves the money. A call with an idempotency key that was used before answers what it answered then.</summary>
public interface IPaymentProvider
{
    /// <summary>Captures <paramref name="amount"/>, or refuses. Throws <see cref="PaymentProviderException"/> when it cannot say.</summary>
    Task<ChargeResult> ChargeAsync(string idempotencyKey, Money amount, string cardToken, CancellationToken cancellationToken);

    /// <summary>The capture that was made under <paramref name="idempotencyKey"/>, or null when none was.</summary>
    Task<ProviderBooking?> FindCaptureAsync(string idempotencyKey, CancellationToken cancellationToken);

    /// <summary>Gives captured money back.</summary>
    Task<ProviderBooking> RefundAsync(string idempotencyKey, Money amount, CancellationToken cancellationToken);

    /// <summary>Everything that the provider booked from <paramref name="from"/> to before <paramref name="until"/>: its side of a settlement.</summary>
    IAsyncEnumerable<ProviderMovement> LedgerAsync(DateTimeOffset from, DateTimeOffset until, CancellationToken cancellationToken);
}

/// <summary>The idempotency keys that the shop uses with its provider: one capture and one refund an order.</summary>
public static class ProviderKey
{
    public static string OfCapture(Guid orderId) => orderId.ToString();

    public static string OfRefund(Guid orderId) => $"refund:{orderId}";
}

/// <summary>A movement as the provider confirms it.</summary>
/// <param name="Reference">The provider's own name of it.</param>
/// <param name="At">When it was booked; decides the day that it is settled on.</param>
public sealed record ProviderBooking(string Reference, DateTimeOffset At);

/// <summary>A line of the provider's ledger.</summary>
/// <param name="IdempotencyKey">The key of the call that made it.</param>
/// <param name="IsRefund">Money that went back; otherwise money that came.</param>
/// <param name="Amount">How much.</param>
/// <param name="Booking">Its reference and time.</param>
public sealed record ProviderMovement(string IdempotencyKey, bool IsRefund, Money Amount, ProviderBooking Booking);

/// <summary>A booking when the money was captured, or the reason why not.</summary>
public readonly record struct ChargeResult(ProviderBooking? Booking, string? DeclineReason)
{
    public bool IsCaptured => Booking is not null;

    public static ChargeResult Captured(ProviderBooking booking) => new(booking, null);

    public static ChargeResult Declined(string reason) => new(null, reason);
}

/// <summary>The provider did not answer, or not with a decision: the charge may be tried again under the same key.</summary>
public sealed class PaymentProviderException(string message) : Exception(message);
