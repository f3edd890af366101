using System.Text.Json.Serialization;

namespace Shop.Contracts.Chat;

/// <summary>
/// Something that happened in a room: a message, or the removal of one. Both are numbered in one sequence, so that whoever reads
/// it from anywhere ends with the same room.
/// </summary>
/// <param name="Sequence">1 for the room's first, and one more with each, without gaps.</param>
/// <param name="By">The author of a message; the operator who removed one.</param>
/// <param name="At">When, UTC.</param>
/// <param name="Text">A message's text; null when it was removed, and in a removal.</param>
/// <param name="Removes">In a removal, the sequence of the message that is no more; null in a message.</param>
[GenerateSerializer, Immutable, Alias("ChatItem")]
public sealed record ChatItem(
    [property: Id(0)] long Sequence,
    [property: Id(1)] ChatUser By,
    [property: Id(2)] DateTimeOffset At,
    [property: Id(3)] string? Text = null,
    [property: Id(4)] long? Removes = null)
{
    /// <summary>Whether this is a message whose text was removed.</summary>
    [JsonIgnore]
    public bool IsRemoved => Removes is null && Text is null;

    /// <summary>This message as it reads after its removal.</summary>
    public ChatItem WithoutText() => this with { Text = null };
}
