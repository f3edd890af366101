namespace Shop.Contracts;

/// <summary>The names of the live logs: who appends (a service) and who reads (Shop.Web) meet here.</summary>
public static class LiveLogs
{
    /// <summary>The statuses of one order; the sequence is <see cref="Orders.OrderStatusChange.Version"/>. Appended by Shop.Orders.</summary>
    public static string Order(Guid orderId) => $"order:{orderId:N}";

    /// <summary>The notifications of one customer; the sequence is <see cref="Notifications.Notification.Sequence"/>. Appended by Shop.Notifications.</summary>
    public static string Feed(string customer) => $"feed:{customer}";
}
