using Orleans.Concurrency;
using Shop.Contracts.Chat;

namespace Shop.Notifications.Chat;

/// <summary>
/// One room. Its messages are numbered in the order in which moderation lets them pass, and appended in the order of their numbers,
/// because all of them run on the activation's one scheduler; while some are being committed the next are taken, so that a busy room
/// shares transactions. Nothing is kept here that another activation would miss.
/// </summary>
[Reentrant, CollectionAgeLimit(Minutes = 10)]
public sealed class ChatRoomGrain(ChatWriter writer) : Grain, IChatRoomGrain
{
    private string Room => this.GetPrimaryKeyString();

    public Task<PostResult> PostAsync(PostMessage command) => writer.PostAsync(Room, command);

    public Task<ChatItem?> RemoveAsync(long sequence, ChatUser by) => writer.RemoveAsync(Room, sequence, by);
}
