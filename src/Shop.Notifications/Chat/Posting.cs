using Shop.Contracts.Chat;

namespace Shop.Notifications.Chat;

/// <summary>A message that moderation let pass, as it waits for its group commit.</summary>
/// <param name="Room">Where.</param>
/// <param name="Author">By whom.</param>
/// <param name="ClientId">The author's own name for it: posted once.</param>
/// <param name="Text">What.</param>
/// <param name="At">When it was let pass, UTC.</param>
public sealed record Posting(string Room, ChatUser Author, string ClientId, string Text, DateTimeOffset At)
{
    internal (string Room, string Author, string ClientId) Key => (Room, Author.Id, ClientId);

    internal ChatItem As(long sequence) => new(sequence, Author, At, Text);
}

/// <summary>What the store holds, and whether this call put it there or an earlier one.</summary>
public sealed record Written(ChatItem Item, bool IsNew);
