using System.Text.RegularExpressions;
using Shop.Contracts.Chat;
using Shop.Notifications.Chat.Moderation;

namespace Shop.Notifications.Chat;

/// <summary>The chat's settings. Section <c>Shop:Chat</c>.</summary>
public sealed partial class ChatOptions
{
    private static readonly ChatRoomInfo[] DefaultRooms = [new("lobby", "Lobby"), new("parcels", "Parcels: the game"), new("help", "Ask each other")];
    private static readonly string[] DefaultBlockedWords = ["idiot", "moron", "scam"];

    /// <summary>The rooms, in the order in which they are listed. Default: lobby, parcels, help. A room that is taken away keeps its messages, and cannot be reached.</summary>
    public IReadOnlyList<ChatRoomInfo> Rooms { get; init; } = [];

    /// <summary>Words and phrases that no message may contain. Default: three, to show it. An entry needs a letter or a digit.</summary>
    public IReadOnlyList<string> BlockedWords { get; init; } = [];

    /// <summary>The most characters (code points) of a message. Default 500; 1 to 4000.</summary>
    public int MaxLength { get; init; } = 500;

    /// <summary>How many messages an author may write to a room at once. Default 10; 1 to 1,000,000.</summary>
    public int Burst { get; init; } = 10;

    /// <summary>After a burst, one message each so long. Default 1 s; 10 ms to 1 h.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>What the configuration says, checked, with the defaults for the lists that it leaves out.</summary>
    public static ChatOptions From(IConfiguration section)
    {
        var configured = section.Get<ChatOptions>() ?? new ChatOptions();
        var options = new ChatOptions
        {
            Rooms = configured.Rooms is { Count: > 0 } rooms ? rooms : DefaultRooms,
            BlockedWords = section.GetSection(nameof(BlockedWords)).Exists() ? configured.BlockedWords : DefaultBlockedWords,
            MaxLength = configured.MaxLength,
            Burst = configured.Burst,
            Interval = configured.Interval,
        };
        options.Validate();
        return options;
    }

    /// <summary>Whether there is such a room.</summary>
    public bool HasRoom(string name) => Rooms.Any(room => room.Name == name);

    /// <summary>Throws when a setting is out of range; the message names it and its value.</summary>
    public void Validate()
    {
        if (Rooms.FirstOrDefault(static room => !RoomName().IsMatch(room.Name)) is { } malformed)
            throw new ArgumentException($"{nameof(Rooms)} has a room named '{malformed.Name}': a name is 1 to 40 characters of a-z 0-9 -.");
        if (Rooms.DistinctBy(static room => room.Name).Count() != Rooms.Count)
            throw new ArgumentException($"{nameof(Rooms)} names a room twice: {string.Join(", ", Rooms.Select(static room => room.Name))}.");
        if (BlockedWords.FirstOrDefault(static word => TextFolding.Fold(word) == " ") is { } wordless)
            throw new ArgumentException($"{nameof(BlockedWords)} has '{wordless}', in which there is no letter and no digit: it would block every message.");
        if (MaxLength is < 1 or > 4000)
            throw new ArgumentException(FormattableString.Invariant($"{nameof(MaxLength)} is {MaxLength}: 1 to 4000 characters."));
        if (Burst is < 1 or > 1_000_000)
            throw new ArgumentException(FormattableString.Invariant($"{nameof(Burst)} is {Burst}: 1 to 1,000,000."));
        if (Interval < TimeSpan.FromMilliseconds(10) || Interval > TimeSpan.FromHours(1))
            throw new ArgumentException($"{nameof(Interval)} is {Interval}: 10 ms to 1 h.");
    }

    [GeneratedRegex("^[a-z0-9-]{1,40}$", RegexOptions.ExplicitCapture)]
    private static partial Regex RoomName();
}
