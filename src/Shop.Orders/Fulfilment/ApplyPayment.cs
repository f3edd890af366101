using MassTransit;
using Shop.Contracts.Orders;
using Shop.Contracts.Payments;

namespace Shop.Orders.Fulfilment;

/// <summary>Group <c>orders</c> of the stream <c>payments</c>: hands each answer of Payments to the order's grain.</summary>
public sealed class ApplyPayment(IGrainFactory grains) : IConsumer<PaymentCaptured>, IConsumer<PaymentDeclined>, IConsumer<PaymentRefunded>
{
    public Task Consume(ConsumeContext<PaymentCaptured> context) => ApplyAsync(context, context.Message.OrderId, OrderStatus.Paid);

    public Task Consume(ConsumeContext<PaymentDeclined> context) => ApplyAsync(context, context.Message.OrderId, OrderStatus.Declined, context.Message.Reason);

    public Task Consume(ConsumeContext<PaymentRefunded> context) => ApplyAsync(context, context.Message.OrderId, OrderStatus.Refunded);

    private Task ApplyAsync(ConsumeContext context, Guid orderId, OrderStatus to, string? reason = null) =>
        grains.GetGrain<IOrderMovesGrain>(orderId).ApplyPaymentAsync(context.MessageId!.Value, to, reason);
}
