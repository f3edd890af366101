namespace Shop.Contracts.Chat;

/// <summary>Why moderation does not let a message pass.</summary>
/// <param name="Reason">Machine-readable.</param>
/// <param name="Detail">For the author: what is wrong, with which value, and what to do.</param>
/// <param name="RetryAfter">When the same message would pass, if waiting helps.</param>
/// <param name="Limit">The limit that refused it, if one did and somebody looked at it.</param>
[GenerateSerializer, Immutable, Alias("ChatRefusal")]
public sealed record ChatRefusal(
    [property: Id(0)] ChatRefusalReason Reason, [property: Id(1)] string Detail, [property: Id(2)] TimeSpan? RetryAfter = null, [property: Id(3)] ChatLimit? Limit = null);

/// <summary>What a message can be refused for.</summary>
public enum ChatRefusalReason
{
    /// <summary>Nothing in it can be seen.</summary>
    Empty,

    /// <summary>It is too long.</summary>
    TooLong,

    /// <summary>It contains a control character, a line break, or half a character.</summary>
    NotPlainText,

    /// <summary>It contains a word that the room does not want.</summary>
    BlockedWord,

    /// <summary>Its author writes too fast.</summary>
    TooFast,
}
