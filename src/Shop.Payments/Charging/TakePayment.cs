using MassTransit;
using Shop.Contracts.Orders;
using Shop.Redis.Locks;

namespace Shop.Payments.Charging;

/// <summary>
/// Group <c>payments</c> of the stream <c>orders</c>: charges a placed order, once. Three things make it once: the lock (one
/// worker at a time), the provider's idempotency key (the order id), and the row that only the newest lock holder can write.
/// Any of them alone would do on a good day.
/// </summary>
public sealed class TakePayment(RedisLocks locks, PaymentStore payments, IPaymentProvider provider) : IConsumer<OrderPlaced>
{
    public async Task Consume(ConsumeContext<OrderPlaced> context)
    {
        var order = context.Message;
        await using var turn = await locks.AcquireAsync(PaymentLock.Resource(order.OrderId), PaymentLock.TimeToLive, PaymentLock.Wait, context.CancellationToken);
        using var held = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, turn.Lost);

        var status = await payments.ClaimAsync(new PaymentClaim(order.OrderId, order.Total, turn.FencingToken), held.Token);
        if (status is not PaymentStatus.Pending)
            return; // settled by an earlier delivery, or cancelled before the money moved

        var charge = await provider.ChargeAsync(ProviderKey.OfCapture(order.OrderId), order.Total, order.CardToken, held.Token);
        await payments.SettleAsync(
            new Settlement(
                order.OrderId,
                turn.FencingToken,
                context.MessageId!.Value,
                PaymentStatus.Pending,
                charge.IsCaptured ? PaymentStatus.Captured : PaymentStatus.Declined,
                order.Total,
                Capture: charge.Booking,
                Reason: charge.DeclineReason),
            held.Token);
    }
}

/// <summary>The lock that every change to the payment of one order takes.</summary>
internal static class PaymentLock
{
    /// <summary>Renewed while held; this is how long the others wait for a holder that died.</summary>
    public static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(10);

    /// <summary>Longer than <see cref="TimeToLive"/>, so that a holder's death is waited out rather than counted as a failure.</summary>
    public static readonly TimeSpan Wait = TimeSpan.FromSeconds(15);

    public static string Resource(Guid orderId) => $"payment:{orderId}";
}
