namespace Shop.Contracts;

/// <summary>The names of the live logs: who appends (a service) and who reads (Shop.Web) meet here.</summary>
public static class LiveLogs
{
    /// <summary>The statuses of one order; the sequence is <see cref="Orders.OrderStatusChange.Version"/>. Appended by Shop.Orders.</summary>
    public static string Order(Guid orderId) => $"order:{orderId:N}";

    /// <summary>The notifications of one customer; the sequence is <see cref="Notifications.Notification.Sequence"/>. Appended by Shop.Notifications.</summary>
    public static string Feed(string customer) => $"feed:{customer}";

    /// <summary>A chat room; the sequence is <see cref="Chat.ChatItem.Sequence"/>. Appended by Shop.Notifications.</summary>
    public static string Chat(string room) => $"chat:{room}";

    /// <summary>Changes of a leaderboard; momentary: whoever reads it reads the board again. Appended by Shop.Gaming.</summary>
    public static string Board(string board) => $"board:{board}";

    /// <summary>Samples of the burst that runs; momentary. Appended by Shop.Web.</summary>
    public const string Bursts = "bursts";
}
