using System.Runtime.CompilerServices;
using ServiceDefaults;
using Shop.Contracts.Chat;
using Shop.Redis.Live;
using StackExchange.Redis;

namespace Shop.Web.Chat;

/// <summary>
/// Who is in the rooms, and who is typing. Both are of the moment: while Redis is away nobody is told, and nobody is kept waiting.
/// </summary>
public sealed partial class ChatPresence(IConnectionMultiplexer redis, IConfiguration configuration, TimeProvider clock, ILogger<Presence> log, ILogger<ChatPresence> logger)
{
    /// <summary>Somebody who types says so every few seconds; who stopped is shown no longer than this and a third.</summary>
    private static readonly TimeSpan TypingTime = TimeSpan.FromSeconds(6);

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private readonly Presence _present = new(redis, configuration.KeyPrefix(), clock: clock, logger: log);
    private readonly Presence _typing = new(redis, configuration.KeyPrefix(), new PresenceOptions { TimeToLive = TypingTime }, clock, log);

    /// <summary>Shows the user in the room until the handle is disposed.</summary>
    public PresenceHandle Enter(string room, ChatUser user) => _present.Enter(PresentIn(room), TextOf(user));

    /// <summary>Who is in the room, now and whenever it changes.</summary>
    public IAsyncEnumerable<IReadOnlyList<ChatUser>> WatchPresentAsync(string room, CancellationToken cancellationToken) => WatchAsync(_present, PresentIn(room), cancellationToken);

    /// <summary>Who is typing in the room, now and whenever it changes.</summary>
    public IAsyncEnumerable<IReadOnlyList<ChatUser>> WatchTypingAsync(string room, CancellationToken cancellationToken) => WatchAsync(_typing, TypingIn(room), cancellationToken);

    /// <summary>How many are in the room; null while Redis is away.</summary>
    public async Task<int?> CountAsync(string room, CancellationToken cancellationToken)
    {
        int? count = null;
        await TryAsync(async patience => count = Users(await _present.WhoAsync(PresentIn(room), patience)).Count, cancellationToken);
        return count;
    }

    public Task TypesAsync(string room, ChatUser user, CancellationToken cancellationToken) =>
        TryAsync(patience => _typing.ShowAsync(TypingIn(room), TextOf(user), patience), cancellationToken);

    public Task StoppedTypingAsync(string room, ChatUser user, CancellationToken cancellationToken) =>
        TryAsync(patience => _typing.HideAsync(TypingIn(room), TextOf(user), patience), cancellationToken);

    private async Task TryAsync(Func<CancellationToken, Task> act, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            await act(either.Token);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && exception is RedisException or TimeoutException or OperationCanceledException)
        {
            LogAway(logger, exception.Message);
        }
    }

    private static async IAsyncEnumerable<IReadOnlyList<ChatUser>> WatchAsync(Presence presence, string room, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var users in presence.WatchAsync(room, cancellationToken))
            yield return Users(users);
    }

    private static string PresentIn(string room) => $"chat:{room}";

    private static string TypingIn(string room) => $"chat:{room}:typing";

    /// <summary>An id has no spaces; a name may.</summary>
    private static string TextOf(ChatUser user) => $"{user.Id} {user.Name}";

    /// <summary>Somebody who has changed their name, and is here under both, is here once.</summary>
    private static IReadOnlyList<ChatUser> Users(IReadOnlyList<string> texts) =>
        [.. texts.Select(static text => text.Split(' ', 2)).Select(static parts => new ChatUser(parts[0], parts[1])).DistinctBy(static user => user.Id)];

    [LoggerMessage(1, LogLevel.Debug, "Presence could not be told or asked: {Reason}")]
    private static partial void LogAway(ILogger logger, string reason);
}
