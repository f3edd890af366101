using System.Diagnostics;
using System.Diagnostics.Metrics;
using Shop.Contracts.Chat;

namespace Shop.Notifications.Chat;

/// <summary>The chat's spans (<c>chat post</c>, <c>chat remove</c>) and metrics: source and meter <c>Shop.Notifications.Chat</c>.</summary>
internal static class ChatTelemetry
{
    public const string Name = "Shop.Notifications.Chat";

    private const string RoomTag = "shop.chat.room";

    private static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Posted = Meter.CreateCounter<long>("shop.chat.posted", "{message}", "New messages, by room");
    private static readonly Counter<long> Refused = Meter.CreateCounter<long>("shop.chat.refused", "{message}", "Messages that moderation refused, by room and reason");
    private static readonly Counter<long> Removed = Meter.CreateCounter<long>("shop.chat.removed", "{message}", "Removals of messages, by room");
    private static readonly Counter<long> NotSent = Meter.CreateCounter<long>("shop.chat.not_sent", "{item}", "Durable items that Redis did not take: readers find them in the history");

    public static Activity? StartPost(string room) => Source.StartActivity("chat post")?.SetTag(RoomTag, room);

    public static Activity? StartRemove(string room) => Source.StartActivity("chat remove")?.SetTag(RoomTag, room);

    public static void CountPosted(string room) => Posted.Add(1, new KeyValuePair<string, object?>(RoomTag, room));

    public static void CountRefused(string room, ChatRefusalReason reason) => Refused.Add(1, new(RoomTag, room), new("shop.chat.reason", reason.ToString()));

    public static void CountRemoved(string room) => Removed.Add(1, new KeyValuePair<string, object?>(RoomTag, room));

    public static void CountNotSent(string room) => NotSent.Add(1, new KeyValuePair<string, object?>(RoomTag, room));
}
