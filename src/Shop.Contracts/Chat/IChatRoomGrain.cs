namespace Shop.Contracts.Chat;

/// <summary>
/// What is written in one room; the key is the room's name. Lives in Shop.Notifications. One activation takes the writes of a
/// room in order; should there ever be two, the room's row in Postgres lets them take turns.
/// </summary>
[Alias("IChatRoomGrain")]
public interface IChatRoomGrain : IGrainWithStringKey
{
    /// <summary>Checks a message and posts it. Answers after the commit. May be repeated: the author's <see cref="PostMessage.ClientId"/> decides.</summary>
    [Alias("Post")]
    Task<PostResult> PostAsync(PostMessage command);

    /// <summary>Removes a message: its text is gone for good, who wrote it and when stays. May be repeated: a removed message stays removed.</summary>
    /// <param name="sequence">The message.</param>
    /// <param name="by">The operator who removes it.</param>
    /// <returns>The removal, or null when the room has no such message.</returns>
    [Alias("Remove")]
    Task<ChatItem?> RemoveAsync(long sequence, ChatUser by);
}

/// <summary>Somebody in a chat.</summary>
/// <param name="Id">Who it is; stays the same when the name changes.</param>
/// <param name="Name">The name that others are shown.</param>
[GenerateSerializer, Immutable, Alias("ChatUser")]
public sealed record ChatUser([property: Id(0)] string Id, [property: Id(1)] string Name);

/// <summary>A message to post.</summary>
/// <param name="Author">Who writes.</param>
/// <param name="Text">What; white space around it does not count.</param>
/// <param name="ClientId">The author's own name for this message in this room, 1 to 128 characters: the same one posts one message.</param>
[GenerateSerializer, Immutable, Alias("PostMessage")]
public sealed record PostMessage([property: Id(0)] ChatUser Author, [property: Id(1)] string Text, [property: Id(2)] string ClientId);

/// <summary>How posting ended.</summary>
public enum PostOutcome
{
    /// <summary>The message is new, and committed.</summary>
    Posted,

    /// <summary>The client id was used before for the same text: this is that message.</summary>
    AlreadyPosted,

    /// <summary>The client id was used before for another text.</summary>
    ClientIdReused,

    /// <summary>Moderation does not let it pass.</summary>
    Refused,

    /// <summary>There is no such room.</summary>
    NoSuchRoom,
}

/// <summary>The answer to <see cref="IChatRoomGrain.PostAsync"/>.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Message">The message, when there is one.</param>
/// <param name="Refusal">Why not, when it was refused.</param>
[GenerateSerializer, Immutable, Alias("PostResult")]
public sealed record PostResult([property: Id(0)] PostOutcome Outcome, [property: Id(1)] ChatItem? Message = null, [property: Id(2)] ChatRefusal? Refusal = null);
