using System.Text.Json.Serialization;
using Shop.Contracts;
using Shop.Redis.Jobs;

namespace Shop.Notifications.Receipts;

/// <summary>Send the receipt of an order that was paid. Who gets it, and for what, the order's grain knows.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="PaidAt">When it was paid.</param>
public sealed record SendReceipt(Guid OrderId, DateTimeOffset PaidAt);

/// <summary>The jobs of the queue <see cref="Queues.Mail"/>.</summary>
public static class ReceiptJobs
{
    /// <summary>
    /// A mail server has a minute to take a receipt. The default back-off goes on for five hours, which outlasts the greylisting
    /// and most outages of mail servers.
    /// </summary>
    public static readonly JobType<SendReceipt> Send = new("send-receipt", Queues.Mail, ReceiptJson.Default.SendReceipt) { Timeout = TimeSpan.FromMinutes(1) };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SendReceipt))]
internal sealed partial class ReceiptJson : JsonSerializerContext;
