namespace Shop.Contracts.Chat;

/// <summary>What is read in the rooms, from Postgres; the key is 0. A stateless worker in Shop.Notifications.</summary>
[Alias("IChatReaderGrain")]
public interface IChatReaderGrain : IGrainWithIntegerKey
{
    /// <summary>The rooms that there are. May be repeated.</summary>
    [Alias("Rooms")]
    Task<IReadOnlyList<ChatRoomInfo>> RoomsAsync();

    /// <summary>Up to <paramref name="take"/> (1 to 200) messages before sequence <paramref name="before"/> (null: the newest), oldest first. Null when there is no such room. May be repeated.</summary>
    [Alias("Page")]
    Task<ChatPage?> PageAsync(string room, long? before, int take);

    /// <summary>Up to <paramref name="take"/> (1 to 1000) items after sequence <paramref name="after"/> (0 for all), oldest first; a removed message without its text. May be repeated.</summary>
    [Alias("After")]
    Task<IReadOnlyList<ChatItem>> AfterAsync(string room, long after, int take);

    /// <summary>Where to read a room from, and what must not be shown then. Null when there is no such room. May be repeated.</summary>
    /// <param name="room">The room.</param>
    /// <param name="after">The last item that the reader knows; null for a reader who knows nothing and wants the newest.</param>
    /// <param name="newest">How many items make the newest.</param>
    [Alias("Open")]
    Task<ChatOpening?> OpenAsync(string room, long? after, int newest);
}

/// <summary>A room.</summary>
/// <param name="Name">1 to 40 characters of a-z 0-9 -.</param>
/// <param name="Title">For a person.</param>
[GenerateSerializer, Immutable, Alias("ChatRoomInfo")]
public sealed record ChatRoomInfo([property: Id(0)] string Name, [property: Id(1)] string Title);

/// <summary>A part of a room's messages.</summary>
/// <param name="Messages">Oldest first.</param>
/// <param name="Last">The newest item of the room at that moment: reading live from here misses nothing.</param>
[GenerateSerializer, Immutable, Alias("ChatPage")]
public sealed record ChatPage([property: Id(0)] IReadOnlyList<ChatItem> Messages, [property: Id(1)] long Last);

/// <summary>Where to read a room from.</summary>
/// <param name="After">The item to read after; never beyond the room's newest.</param>
/// <param name="Removed">The messages after it whose text is gone, ascending: whatever a copy of the room says, it is not shown.</param>
[GenerateSerializer, Immutable, Alias("ChatOpening")]
public sealed record ChatOpening([property: Id(0)] long After, [property: Id(1)] IReadOnlyList<long> Removed);
