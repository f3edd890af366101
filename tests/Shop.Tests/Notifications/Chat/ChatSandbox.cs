using System.Runtime.CompilerServices;
using Shop.Contracts;
using Shop.Contracts.Chat;
using Shop.Notifications.Chat;
using Shop.Redis.Live;
using StackExchange.Redis;

namespace Shop.Tests.Notifications.Chat;

/// <summary>The chat of one silo, and what a reader at the edge sees of it. Replicas stand for silos that each take themselves for the room's only one.</summary>
internal sealed class ChatSandbox(ServiceSandbox services, ChatOptions options) : IAsyncDisposable
{
    public const string Lobby = "lobby";

    public static readonly ChatUser Ada = new("ada", "Ada L.");
    public static readonly ChatUser Bob = new("bob", "Bob");
    public static readonly ChatUser Operator = new("op", "The operator");

    public static ChatOptions Patient { get; } = new()
    {
        Rooms = [new(Lobby, "Lobby"), new("parcels", "Parcels")],
        BlockedWords = ["scam"],
        Burst = 1_000_000,
    };

    public ChatWriter Writer => services.Get<ChatWriter>();

    public ChatReader Reader => services.Get<ChatReader>();

    public ServiceSandbox Services => services;

    public IDatabase Redis => services.Get<IConnectionMultiplexer>().GetDatabase();

    public RedisKey Stream => $"{services.Prefix}live:{{{LiveLogs.Chat(Lobby)}}}";

    public static async Task<ChatSandbox> CreateAsync(Servers servers, IConnectionMultiplexer? redis = null, ChatOptions? options = null)
    {
        var chosen = options ?? Patient;
        var services = await ServiceSandbox.CreateAsync(
            servers.Postgres, redis ?? servers.Redis.Connection, typeof(ChatStore).Assembly, (collection, prefix) => collection.AddChat(chosen, prefix));
        return new ChatSandbox(services, chosen);
    }

    public ChatSandbox Replica() => new(services.Replica((collection, prefix) => collection.AddChat(options, prefix)), options);

    public Task<PostResult> PostAsync(string text, ChatUser? author = null, string? clientId = null, string room = Lobby) =>
        Writer.PostAsync(room, new PostMessage(author ?? Ada, text, clientId ?? Guid.CreateVersion7().ToString()));

    /// <summary>Posts many messages at once, as the room's grain does: on one scheduler, which takes up what waited in the order in which it can go on.</summary>
    public Task<PostResult[]> PostAsInAGrainAsync(IEnumerable<string> texts) => Task.Factory.StartNew(
        () => Task.WhenAll(texts.Select(text => PostAsync(text))), CancellationToken.None, TaskCreationOptions.None, new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler).Unwrap();

    /// <summary>Posts a message that must be accepted.</summary>
    public async Task<ChatItem> PostedAsync(string text, ChatUser? author = null) =>
        await PostAsync(text, author) is { Outcome: PostOutcome.Posted, Message: { } message } ? message : throw new InvalidOperationException($"'{text}' was not posted.");

    /// <summary>The room as a reader at the edge gets it, live.</summary>
    public IAsyncEnumerable<LiveItem<ChatItem>> ReadAsync(long after, CancellationToken cancellationToken)
    {
        var log = new LiveLog<ChatItem>(
            services.Get<IConnectionMultiplexer>(), services.Prefix, new LiveLogOptions<ChatItem> { Json = EventsJson.Default.ChatItem }, new History(Reader));
        return log.ReadAsync(LiveLogs.Chat(Lobby), LiveCursor.From(after), cancellationToken);
    }

    /// <summary>The next <paramref name="count"/> items after <paramref name="after"/>.</summary>
    public ValueTask<List<ChatItem>> NextAsync(long after, int count, CancellationToken cancellationToken) =>
        ReadAsync(after, cancellationToken).Take(count).Select(static item => item.Value).ToListAsync(cancellationToken);

    public async Task<string> StreamTextAsync() =>
        string.Join('\n', (await Redis.StreamRangeAsync(Stream)).SelectMany(static entry => entry.Values).Select(static field => field.Value));

    public ValueTask DisposeAsync() => services.DisposeAsync();

    private sealed class History(ChatReader reader) : ILiveHistory<ChatItem>
    {
        public async IAsyncEnumerable<(long Sequence, ChatItem Value)> ReadAsync(string log, long after, [EnumeratorCancellation] CancellationToken ct)
        {
            while (await reader.AfterAsync(Lobby, after, 50, ct) is { Count: > 0 } page)
            {
                foreach (var item in page)
                    yield return (after = item.Sequence, item);
            }
        }
    }
}
