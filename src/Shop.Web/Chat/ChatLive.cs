using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Security.Claims;
using System.Text.Json;
using Shop.Contracts;
using Shop.Contracts.Chat;
using Shop.Redis.Live;
using Shop.Web.Grains;
using Shop.Web.Live;

namespace Shop.Web.Chat;

/// <summary>
/// Follows a room: its messages and removals, which a browser resumes by their ids, and who is there and who types, which it is
/// told anew each time. Whoever follows is in the room.
/// <para>
/// The stream in Redis may still hold a text that was removed (Redis was away then, or came back with less). So the messages that
/// are removed at the moment of opening are known here, and leave without their text whatever the stream says; one that is removed
/// later is followed by its removal.
/// </para>
/// </summary>
internal sealed class ChatLive(GrainCalls grains, LiveLog<ChatItem> log, ChatPresence presence)
{
    /// <summary>What a reader gets first who says nothing.</summary>
    private const int Newest = 50;

    public static async Task<IResult> FollowAsync(
        string room, HttpRequest request, ClaimsPrincipal user, ChatLive live, LastEventId last, CancellationToken cancellationToken,
        [Description("Begin after this item, for example the last of a page; the header Last-Event-ID comes first. Without both, with the newest 50")] long? after = null)
    {
        if (after < 0)
            return Problems.Field("after", $"The sequence is {after}; it must be 0 or more.");

        long? known = request.Headers.ContainsKey("Last-Event-ID") ? last.Cursor.Sequence : after;
        var opening = await live.OpenAsync(room, known, cancellationToken);
        return opening is null ? ChatApi.NoSuchRoom(room) : new ServerSentEvents(live.EventsAsync(room, user.ChatUser(), opening, cancellationToken));
    }

    private Task<ChatOpening?> OpenAsync(string room, long? after, CancellationToken cancellationToken) =>
        grains.CallAsync(factory => factory.GetGrain<IChatReaderGrain>(0).OpenAsync(room, after, Newest), cancellationToken);

    /// <summary>Everything that happens in the room, for as long as the user is there.</summary>
    internal async IAsyncEnumerable<ServerSentEvent> EventsAsync(string room, ChatUser user, ChatOpening opening, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var here = presence.Enter(room, user);
        var removed = opening.Removed.ToHashSet();
        var sources = new[]
        {
            log.ReadAsync(LiveLogs.Chat(room), LiveCursor.From(opening.After), cancellationToken).Select(item => ItemEvent(item, removed)),
            presence.WatchPresentAsync(room, cancellationToken).Select(static users => PeopleEvent("presence", users)),
            presence.WatchTypingAsync(room, cancellationToken).Select(static users => PeopleEvent("typing", users)),
        };
        await foreach (var next in Merging.MergeAsync(sources, cancellationToken))
        {
            ChatTelemetry.CountDelivered(room, next.Name);
            yield return next;
        }
    }

    private static ServerSentEvent ItemEvent(LiveItem<ChatItem> item, HashSet<long> removed) => item.Value switch
    {
        { Removes: { } message, At: var at } => Event("removed", item, JsonSerializer.Serialize(new ChatRemovedView(message, at), ApiJson.Default.ChatRemovedView)),
        var message => Event("message", item, JsonSerializer.Serialize(ChatMessageView.Of(removed.Contains(message.Sequence) ? message.WithoutText() : message), ApiJson.Default.ChatMessageView)),
    };

    private static ServerSentEvent Event(string name, LiveItem<ChatItem> item, string data) => new(item.Cursor.ToString(), name, data);

    private static ServerSentEvent PeopleEvent(string name, IReadOnlyList<ChatUser> users) =>
        new(null, name, JsonSerializer.Serialize(new ChatPeopleView(users.Count, users), ApiJson.Default.ChatPeopleView));
}
