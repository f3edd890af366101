using MassTransit;
using Shop.Contracts.Orders;
using Shop.Redis.Locks;

namespace Shop.Payments.Charging;

/// <summary>
/// Group <c>payments</c> of the stream <c>orders</c>: a cancelled order keeps no money. What was captured is given back; what
/// was not is voided, so that a late or repeated <see cref="OrderPlaced"/> never charges it. A payment left pending by a dead
/// worker is looked up at the provider first: money may have moved.
/// </summary>
public sealed class GiveBack(RedisLocks locks, PaymentStore payments, IPaymentProvider provider) : IConsumer<OrderCancelled>
{
    public async Task Consume(ConsumeContext<OrderCancelled> context)
    {
        var order = context.Message;
        await using var turn = await locks.AcquireAsync(PaymentLock.Resource(order.OrderId), PaymentLock.TimeToLive, PaymentLock.Wait, context.CancellationToken);
        using var held = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, turn.Lost);

        var status = await payments.ClaimAsync(new PaymentClaim(order.OrderId, order.Total, turn.FencingToken), held.Token);
        if (status is PaymentStatus.Declined or PaymentStatus.Voided or PaymentStatus.Refunded)
            return;

        var capture = status is PaymentStatus.Captured ? null : await provider.FindCaptureAsync(ProviderKey.OfCapture(order.OrderId), held.Token);
        var refund = status is PaymentStatus.Captured || capture is not null ? await provider.RefundAsync(ProviderKey.OfRefund(order.OrderId), order.Total, held.Token) : null;
        await payments.SettleAsync(
            new Settlement(
                order.OrderId,
                turn.FencingToken,
                context.MessageId!.Value,
                status,
                refund is null ? PaymentStatus.Voided : PaymentStatus.Refunded,
                order.Total,
                capture,
                refund,
                order.Reason),
            held.Token);
    }
}
