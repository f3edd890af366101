using Orleans.Concurrency;
using Shop.Contracts.Chat;

namespace Shop.Notifications.Chat;

/// <inheritdoc cref="IChatReaderGrain" />
[StatelessWorker, Reentrant]
public sealed class ChatReaderGrain(ChatOptions options, ChatReader reader) : Grain, IChatReaderGrain
{
    public Task<IReadOnlyList<ChatRoomInfo>> RoomsAsync() => Task.FromResult(options.Rooms);

    public async Task<ChatPage?> PageAsync(string room, long? before, int take) =>
        options.HasRoom(room) ? await reader.PageAsync(room, before, Math.Clamp(take, 1, 200)) : null;

    public Task<IReadOnlyList<ChatItem>> AfterAsync(string room, long after, int take) => reader.AfterAsync(room, after, Math.Clamp(take, 1, 1000));

    public async Task<ChatOpening?> OpenAsync(string room, long? after, int newest) =>
        options.HasRoom(room) ? await reader.OpenAsync(room, after, newest) : null;
}
