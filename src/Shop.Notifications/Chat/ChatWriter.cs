using Shop.Contracts.Chat;
using Shop.Notifications.Chat.Moderation;

namespace Shop.Notifications.Chat;

/// <summary>How a message gets into a room: moderation, commit, live log, answer. And how it gets out again.</summary>
public sealed class ChatWriter(ChatOptions options, ChatModeration moderation, ChatStore store, ChatRemovals removals, ChatReader reader, ChatBroadcast broadcast, TimeProvider clock)
{
    public async Task<PostResult> PostAsync(string room, PostMessage command, CancellationToken cancellationToken = default)
    {
        if (!options.HasRoom(room))
            return new PostResult(PostOutcome.NoSuchRoom);

        using var activity = ChatTelemetry.StartPost(room);
        var draft = new ChatDraft(room, command.Author, command.Text.Trim());
        var result = await moderation.CheckAsync(draft, cancellationToken) is { } refusal
            ? await RefuseAsync(draft, command.ClientId, refusal, cancellationToken)
            : await CommitAsync(draft, command.ClientId, cancellationToken);
        activity?.SetTag("shop.chat.outcome", result.Outcome.ToString());
        return result;
    }

    public async Task<ChatItem?> RemoveAsync(string room, long sequence, ChatUser by, CancellationToken cancellationToken = default)
    {
        if (!options.HasRoom(room))
            return null;

        using var activity = ChatTelemetry.StartRemove(room);
        if (await removals.RemoveAsync(room, sequence, by, clock.GetUtcNow(), cancellationToken) is not { } removal)
            return null;
        if (removal.IsNew)
            ChatTelemetry.CountRemoved(room);
        await broadcast.SendAsync(room, removal.Item);
        return removal.Item;
    }

    private async Task<PostResult> CommitAsync(ChatDraft draft, string clientId, CancellationToken cancellationToken)
    {
        var (message, isNew) = await store.PostAsync(new Posting(draft.Room, draft.Author, clientId, draft.Text, clock.GetUtcNow()), cancellationToken);
        if (isNew)
            ChatTelemetry.CountPosted(draft.Room);
        // Sent again with a repeat: whoever committed it may have died before sending it.
        await broadcast.SendAsync(draft.Room, message);
        return isNew ? new PostResult(PostOutcome.Posted, message) : Earlier(message, draft);
    }

    /// <summary>A repeat is answered like the first time, whatever moderation thinks of it now: it may be too fast only because the first answer was lost.</summary>
    private async Task<PostResult> RefuseAsync(ChatDraft draft, string clientId, ChatRefusal refusal, CancellationToken cancellationToken)
    {
        if (await reader.FindAsync(draft.Room, draft.Author.Id, clientId, cancellationToken) is { } earlier)
            return Earlier(earlier, draft);
        ChatTelemetry.CountRefused(draft.Room, refusal.Reason);
        return new PostResult(PostOutcome.Refused, Refusal: refusal);
    }

    /// <summary>A message that was removed since cannot be compared: its text is gone.</summary>
    private static PostResult Earlier(ChatItem message, ChatDraft draft) =>
        new(message.IsRemoved || message.Text == draft.Text ? PostOutcome.AlreadyPosted : PostOutcome.ClientIdReused, message);
}
