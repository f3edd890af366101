using Microsoft.Extensions.Options;
using MimeKit;
using Shop.Contracts.Orders;
using Shop.Redis.Jobs;

namespace Shop.Notifications.Receipts;

/// <summary>
/// Sends the receipt of a paid order. The job may run again at any time (a killed worker; a wiped Redis, to which the outbox
/// brings back the jobs of three days): <see cref="ReceiptStore"/> makes that harmless.
/// </summary>
public sealed partial class ReceiptSender(
    ReceiptStore receipts, IGrainFactory grains, IMailer mailer, IOptions<MailOptions> options, TimeProvider clock, ILogger<ReceiptSender> logger) : IJobHandler<SendReceipt>
{
    public async ValueTask<JobOutcome> HandleAsync(SendReceipt arguments, JobContext job, CancellationToken cancellationToken)
    {
        if (await grains.GetGrain<IOrderGrain>(arguments.OrderId).ReceiptAsync() is not { } receipt)
            return JobOutcome.Cancel($"There is no order {arguments.OrderId}.");
        if (receipt.Order.Status is not OrderStatus.Paid)
        {
            return await receipts.WasSentAsync(arguments.OrderId, cancellationToken)
                ? JobOutcome.Done()
                : JobOutcome.Cancel($"The order {arguments.OrderId} is {receipt.Order.Status} by now: there is nothing to receipt.");
        }

        if (receipt.Email is null)
        {
            LogNoAddress(logger, arguments.OrderId);
            return JobOutcome.Done();
        }

        var refusal = MailboxAddress.TryParse(receipt.Email, out var recipient)
            ? await SendAsync(receipt.Order, recipient, arguments.PaidAt, cancellationToken)
            : "The address is none.";
        if (refusal is null)
            return JobOutcome.Done();
        LogRefused(logger, arguments.OrderId, refusal);
        return JobOutcome.Cancel(refusal);
    }

    private async Task<string?> SendAsync(Order order, MailboxAddress recipient, DateTimeOffset paidAt, CancellationToken cancellationToken)
    {
        using var message = ReceiptMessage.Of(order, recipient, paidAt, options.Value.Sender, clock.GetUtcNow());
        return await receipts.SendOnceAsync(order.Id, message.MessageId!, () => mailer.SendAsync(message, cancellationToken), cancellationToken);
    }

    [LoggerMessage(1, LogLevel.Information, "The order {OrderId} was placed without an e-mail address: it gets no receipt")]
    private static partial void LogNoAddress(ILogger logger, Guid orderId);

    [LoggerMessage(2, LogLevel.Warning, "The receipt of order {OrderId} cannot be delivered: {Refusal}")]
    private static partial void LogRefused(ILogger logger, Guid orderId, string refusal);
}
