using System.Diagnostics;
using Shop.Contracts;

namespace Shop.Payments.Charging;

/// <summary>
/// Any provider with a client span over each call that concerns one payment, so that an order's trace shows what the provider
/// took of its time: source <c>Shop.Payments</c>. A decline is an answer, and no error. The ledger is read in pages, each of
/// which is a call of the provider's own making.
/// </summary>
public sealed class TracedProvider(IPaymentProvider provider) : IPaymentProvider
{
    private static readonly ActivitySource Source = new("Shop.Payments");

    public Task<ChargeResult> ChargeAsync(string idempotencyKey, Money amount, string cardToken, CancellationToken cancellationToken) => TracedAsync(
        "provider charge", idempotencyKey, () => provider.ChargeAsync(idempotencyKey, amount, cardToken, cancellationToken), static charge => charge.IsCaptured ? "captured" : "declined");

    public Task<ProviderBooking?> FindCaptureAsync(string idempotencyKey, CancellationToken cancellationToken) => TracedAsync(
        "provider find capture", idempotencyKey, () => provider.FindCaptureAsync(idempotencyKey, cancellationToken), static booking => booking is null ? "none" : "captured");

    public Task<ProviderBooking> RefundAsync(string idempotencyKey, Money amount, CancellationToken cancellationToken) => TracedAsync(
        "provider refund", idempotencyKey, () => provider.RefundAsync(idempotencyKey, amount, cancellationToken), static _ => "refunded");

    public IAsyncEnumerable<ProviderMovement> LedgerAsync(DateTimeOffset from, DateTimeOffset until, CancellationToken cancellationToken) =>
        provider.LedgerAsync(from, until, cancellationToken);

    private static async Task<T> TracedAsync<T>(string name, string idempotencyKey, Func<Task<T>> call, Func<T, string> outcome)
    {
        using var activity = Source.StartActivity(name, ActivityKind.Client)?.SetTag("shop.payment.idempotency_key", idempotencyKey);
        try
        {
            var answer = await call();
            activity?.SetTag("shop.payment.outcome", outcome(answer));
            return answer;
        }
        catch (Exception exception)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message).SetTag("error.type", exception.GetType().FullName);
            throw;
        }
    }
}
