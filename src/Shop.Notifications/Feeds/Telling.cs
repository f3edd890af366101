using System.Diagnostics;
using Shop.Contracts.Notifications;
using Shop.Notifications.Receipts;

namespace Shop.Notifications.Feeds;

/// <summary>Something to tell a customer, as it waits for its group commit.</summary>
/// <param name="EventId">The event that it tells about: it is told once.</param>
/// <param name="Customer">Whom.</param>
/// <param name="Kind">Machine-readable, for example <c>order-paid</c>.</param>
/// <param name="Text">For a person.</param>
/// <param name="OrderId">The order that it is about.</param>
/// <param name="At">When it happened.</param>
/// <param name="Receipt">The job that sends the receipt, enqueued along with it; null: none is due.</param>
public sealed record Telling(Guid EventId, string Customer, string Kind, string Text, Guid? OrderId, DateTimeOffset At, SendReceipt? Receipt = null)
{
    /// <summary>The trace that the event belongs to; the batch as a whole belongs to none.</summary>
    public string? TraceParent { get; } = Activity.Current?.Id;

    public Notification As(long sequence) => new(sequence, Kind, Text, OrderId, At);
}
