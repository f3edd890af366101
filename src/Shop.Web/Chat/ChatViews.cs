using System.ComponentModel;
using Shop.Contracts.Chat;

namespace Shop.Web.Chat;

/// <summary>The rooms that there are.</summary>
public sealed record ChatRoomList(IReadOnlyList<ChatRoomView> Items);

/// <summary>A room.</summary>
/// <param name="Name">As in its address.</param>
/// <param name="Title">For a person.</param>
/// <param name="Present">How many are in it now; null while that is not known.</param>
public sealed record ChatRoomView(string Name, string Title, int? Present);

/// <summary>A message to post.</summary>
public sealed record PostMessageRequest(
    [property: Description("One line of plain text")] string? Text,
    [property: Description("Your own name for this message, 1 to 128 characters; the same one posts one message. The header Idempotency-Key does the same")] string? ClientId);

/// <summary>A message.</summary>
/// <param name="Sequence">Its number in the room, which removals count too.</param>
/// <param name="Author">Who wrote it, with the name of that time.</param>
/// <param name="At">When, UTC.</param>
/// <param name="Text">What; null once it is removed.</param>
/// <param name="Removed">Whether an operator has removed it.</param>
public sealed record ChatMessageView(long Sequence, ChatUser Author, DateTimeOffset At, string? Text, bool Removed)
{
    public static ChatMessageView Of(ChatItem message) => new(message.Sequence, message.By, message.At, message.Text, message.IsRemoved);
}

/// <summary>A part of a room's messages.</summary>
/// <param name="Items">Oldest first.</param>
/// <param name="Previous">The <c>before</c> of the page before this one; null at the beginning.</param>
/// <param name="Last">The room's newest item when this was read: following the room live with <c>after</c> this misses nothing.</param>
public sealed record ChatMessageList(IReadOnlyList<ChatMessageView> Items, long? Previous, long Last);

/// <summary>The message that an operator has removed, and when.</summary>
public sealed record ChatRemovedView(long Sequence, DateTimeOffset At);

/// <summary>Who is in the room, or typing.</summary>
public sealed record ChatPeopleView(int Count, IReadOnlyList<ChatUser> Users);
