using System.Diagnostics.Metrics;

namespace Shop.Web.Chat;

/// <summary>What reaches the browsers: meter <c>Shop.Web.Chat</c>. The span of a delivery is the live log's <c>receive live</c>.</summary>
internal static class ChatTelemetry
{
    public const string Name = "Shop.Web.Chat";

    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Delivered = Meter.CreateCounter<long>("shop.chat.delivered", "{event}", "Events written to browsers, by room and name");

    public static void CountDelivered(string room, string name) => Delivered.Add(1, new("shop.chat.room", room), new("shop.chat.event", name));
}
