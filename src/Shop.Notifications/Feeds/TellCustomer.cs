using System.Globalization;
using MassTransit;
using Shop.Contracts;
using Shop.Contracts.Notifications;
using Shop.Contracts.Orders;
using Shop.Notifications.Receipts;
using Shop.Redis.Live;

namespace Shop.Notifications.Feeds;

/// <summary>
/// Group <c>notifications</c> of the stream <c>orders</c>: tells the customer, in Postgres and then live. When the live append
/// fails, or the process dies before it, the entry stays pending and comes again: it is told once (inbox), and appended with
/// the sequence it has. A reader who would miss it meanwhile gets it from Postgres.
/// </summary>
public sealed class TellCustomer(FeedStore feeds, LiveLog<Notification> live)
    : IConsumer<OrderPlaced>, IConsumer<OrderPaid>, IConsumer<OrderDeclined>, IConsumer<OrderCancelled>, IConsumer<OrderRefunded>
{
    public Task Consume(ConsumeContext<OrderPlaced> context) =>
        TellAsync(context, context.Message.Customer, "order-placed", $"We have your order over {Amount(context.Message.Total)}.", context.Message.OrderId, context.Message.PlacedAt);

    public Task Consume(ConsumeContext<OrderPaid> context) =>
        TellAsync(
            context, context.Message.Customer, "order-paid", $"Your order over {Amount(context.Message.Total)} is paid. Thank you!", context.Message.OrderId, context.Message.PaidAt,
            new SendReceipt(context.Message.OrderId, context.Message.PaidAt));

    public Task Consume(ConsumeContext<OrderDeclined> context) =>
        TellAsync(context, context.Message.Customer, "order-declined", $"Your order over {Amount(context.Message.Total)} was not paid: {context.Message.Reason}", context.Message.OrderId, context.Message.DeclinedAt);

    public Task Consume(ConsumeContext<OrderCancelled> context) =>
        TellAsync(context, context.Message.Customer, "order-cancelled", $"Your order over {Amount(context.Message.Total)} is cancelled. {context.Message.Reason}", context.Message.OrderId, context.Message.CancelledAt);

    public Task Consume(ConsumeContext<OrderRefunded> context) =>
        TellAsync(context, context.Message.Customer, "order-refunded", $"We have given {Amount(context.Message.Total)} back to you.", context.Message.OrderId, context.Message.RefundedAt);

    private async Task TellAsync(ConsumeContext context, string customer, string kind, string text, Guid orderId, DateTimeOffset at, SendReceipt? receipt = null)
    {
        var notification = await feeds.TellAsync(new Telling(context.MessageId!.Value, customer, kind, text, orderId, at, receipt), context.CancellationToken);
        await live.AppendAsync(LiveLogs.Feed(customer), notification.Sequence, notification, context.CancellationToken);
    }

    private static string Amount(Money money) => string.Create(CultureInfo.InvariantCulture, $"{money.Amount:0.00} {money.Currency}");
}
