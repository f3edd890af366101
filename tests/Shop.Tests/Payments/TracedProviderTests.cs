using System.Collections.Concurrent;
using System.Diagnostics;
using Shop.Contracts;
using Shop.Payments.Charging;
using Xunit;

namespace Shop.Tests.Payments;

public sealed class TracedProviderTests : IDisposable
{
    private readonly string _key = $"order-{Guid.CreateVersion7():N}";
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ActivityListener _listener;

    public TracedProviderTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "Shop.Payments",
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _spans.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    [Fact]
    public async Task A_charge_is_a_client_span_with_its_outcome_and_a_decline_is_no_error()
    {
        await Charge(static () => ChargeResult.Captured(new ProviderBooking("r", DateTimeOffset.UnixEpoch)));
        await Charge(static () => ChargeResult.Declined("The card was declined."));

        Assert.Equal(
            [("provider charge", ActivityKind.Client, ActivityStatusCode.Unset, "captured"), ("provider charge", ActivityKind.Client, ActivityStatusCode.Unset, "declined")],
            Ours().Select(static span => (span.OperationName, span.Kind, span.Status, (string?)span.GetTagItem("shop.payment.outcome"))));
    }

    [Fact]
    public async Task A_provider_that_does_not_answer_is_an_error_with_its_type()
    {
        await Assert.ThrowsAsync<PaymentProviderException>(() => Charge(static () => throw new PaymentProviderException("It is down.")));

        var span = Assert.Single(Ours());
        Assert.Equal((ActivityStatusCode.Error, "It is down.", typeof(PaymentProviderException).FullName), (span.Status, span.StatusDescription, span.GetTagItem("error.type")));
        Assert.Null(span.GetTagItem("shop.payment.outcome"));
    }

    [Fact]
    public async Task Looking_a_capture_up_and_giving_money_back_are_spans_of_their_own()
    {
        var provider = new TracedProvider(new Stub(static () => throw new InvalidOperationException("Nobody charges here.")));
        await provider.FindCaptureAsync(_key, TestContext.Current.CancellationToken);
        await provider.RefundAsync(_key, Money.Of(10), TestContext.Current.CancellationToken);

        Assert.Equal([("provider find capture", "none"), ("provider refund", "refunded")], Ours().Select(static span => (span.OperationName, (string?)span.GetTagItem("shop.payment.outcome"))));
    }

    public void Dispose() => _listener.Dispose();

    private Task<ChargeResult> Charge(Func<ChargeResult> answer) =>
        new TracedProvider(new Stub(answer)).ChargeAsync(_key, Money.Of(10), "card", TestContext.Current.CancellationToken);

    private IEnumerable<Activity> Ours() => _spans.Where(span => (string?)span.GetTagItem("shop.payment.idempotency_key") == _key);

    private sealed class Stub(Func<ChargeResult> charge) : IPaymentProvider
    {
        public Task<ChargeResult> ChargeAsync(string idempotencyKey, Money amount, string cardToken, CancellationToken cancellationToken) => Task.FromResult(charge());

        public Task<ProviderBooking?> FindCaptureAsync(string idempotencyKey, CancellationToken cancellationToken) => Task.FromResult<ProviderBooking?>(null);

        public Task<ProviderBooking> RefundAsync(string idempotencyKey, Money amount, CancellationToken cancellationToken) =>
            Task.FromResult(new ProviderBooking("r", DateTimeOffset.UnixEpoch));

        public IAsyncEnumerable<ProviderMovement> LedgerAsync(DateTimeOffset from, DateTimeOffset until, CancellationToken cancellationToken) => AsyncEnumerable.Empty<ProviderMovement>();
    }
}
