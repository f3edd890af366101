using Shop.Contracts.Chat;
using Shop.Web.Grains;

namespace Shop.Web.Chat;

/// <summary>The rooms and their messages, as the API and the pages show them.</summary>
public sealed class ChatRooms(GrainCalls grains, ChatPresence presence)
{
    /// <summary>Every room, and how many are in it.</summary>
    public async Task<IReadOnlyList<ChatRoomView>> ListAsync(CancellationToken cancellationToken)
    {
        var rooms = await ReadAsync(static reader => reader.RoomsAsync(), cancellationToken);
        var present = await Task.WhenAll(rooms.Select(room => presence.CountAsync(room.Name, cancellationToken)));
        return [.. rooms.Zip(present, static (room, count) => new ChatRoomView(room.Name, room.Title, count))];
    }

    /// <summary>Whether there is such a room.</summary>
    public async Task<bool> ExistsAsync(string room, CancellationToken cancellationToken) =>
        (await ReadAsync(static reader => reader.RoomsAsync(), cancellationToken)).Any(known => known.Name == room);

    /// <summary>Messages before <paramref name="before"/>, or the newest; null when there is no such room.</summary>
    public async Task<ChatMessageList?> PageAsync(string room, long? before, int take, CancellationToken cancellationToken) =>
        await ReadAsync(reader => reader.PageAsync(room, before, take), cancellationToken) is { } page
            ? new ChatMessageList([.. page.Messages.Select(ChatMessageView.Of)], page.Messages.Count == take ? page.Messages[0].Sequence : null, page.Last)
            : null;

    /// <summary>Posts a message; its author types no more.</summary>
    public async Task<PostResult> PostAsync(string room, PostMessage message, CancellationToken cancellationToken)
    {
        var result = await grains.CallAsync(factory => factory.GetGrain<IChatRoomGrain>(room).PostAsync(message), cancellationToken);
        if (result.Outcome is PostOutcome.Posted or PostOutcome.AlreadyPosted)
            await presence.StoppedTypingAsync(room, message.Author, cancellationToken);
        return result;
    }

    /// <summary>Removes a message for everybody; false when the room has none such.</summary>
    public async Task<bool> RemoveAsync(string room, long sequence, ChatUser by, CancellationToken cancellationToken) =>
        await grains.CallAsync(factory => factory.GetGrain<IChatRoomGrain>(room).RemoveAsync(sequence, by), cancellationToken) is not null;

    private Task<T> ReadAsync<T>(Func<IChatReaderGrain, Task<T>> read, CancellationToken cancellationToken) =>
        grains.CallAsync(factory => read(factory.GetGrain<IChatReaderGrain>(0)), cancellationToken);
}
