using Shop.Contracts.Chat;

namespace Shop.Notifications.Chat.Moderation;

/// <summary>
/// The moderation hook: whoever wants a say in what may be posted registers a rule. Rules are asked in the order of their
/// registration until one refuses. They are called by many rooms at once.
/// </summary>
public interface IChatRule
{
    /// <summary>Why the message may not be posted; null when this rule has nothing against it.</summary>
    ValueTask<ChatRefusal?> CheckAsync(ChatDraft draft, CancellationToken cancellationToken);
}

/// <summary>A message that wants to be posted.</summary>
/// <param name="Room">Where.</param>
/// <param name="Author">By whom.</param>
/// <param name="Text">What, without the white space around it.</param>
public sealed record ChatDraft(string Room, ChatUser Author, string Text);
