using Microsoft.Extensions.Logging;
using Shop.Redis.Caching;
using Shop.Redis.Tests.Locks;
using Shop.Testing;
using StackExchange.Redis;

namespace Shop.Redis.Tests.Caching;

/// <summary>What a cache stands before: it counts how often it is asked, and can be held up.</summary>
internal sealed class Source
{
    private int _loads;

    public int Value { get; set; } = 1;

    /// <summary>Holds up a load once it has read the value.</summary>
    public Gate? AfterRead { get; set; }

    public Exception? Failure { get; set; }

    public int Loads => Volatile.Read(ref _loads);

    public async ValueTask<int> LoadAsync(CancellationToken ct)
    {
        var read = Value;
        Interlocked.Increment(ref _loads);
        if (AfterRead is { } gate)
            await gate.PassAsync().WaitAsync(ct);
        return Failure is null ? read : throw Failure;
    }
}

/// <summary>Several processes with a cache of the same thing.</summary>
internal sealed class CacheRig(CacheOptions? options = null, TimeProvider? clock = null) : IAsyncDisposable
{
    private readonly List<CacheReplica> _all = [];
    private readonly List<IAsyncDisposable> _owned = [];

    public string Prefix { get; } = RedisFixture.NewPrefix();

    /// <summary>Patient, and without anything that happens by itself after a while.</summary>
    public static CacheOptions Patient => new() { Patience = TimeSpan.FromSeconds(60), LoadLease = TimeSpan.FromSeconds(60), RecheckInterval = TimeSpan.FromHours(1), Expiration = TimeSpan.FromHours(2), LocalExpiration = TimeSpan.FromHours(2) };

    public IReadOnlyList<CacheReplica> All => _all;

    public CacheReplica Start(IConnectionMultiplexer connection, CacheOptions? other = null)
    {
        var logger = new ListLogger<RedisHybridCache>();
        var replica = new CacheReplica(new RedisHybridCache(connection, Prefix, other ?? options ?? Patient, clock, new OneLogger(logger)), logger);
        _all.Add(replica);
        return replica;
    }

    public async Task<CacheReplica> StartAsync(ITestRedis server)
    {
        var connection = await server.ConnectAsync();
        _owned.Add(connection);
        return Start(connection);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in _all)
            await replica.Cache.DisposeAsync();
        foreach (var owned in _owned)
            await owned.DisposeAsync();
    }

    private sealed class OneLogger(ILogger logger) : ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName) => logger;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose()
        {
            // nothing to release
        }
    }
}

internal sealed record CacheReplica(RedisHybridCache Cache, ListLogger<RedisHybridCache> Log)
{
    public async Task<int> ReadAsync(Source source, string key = "answer", params string[] tags) =>
        await Cache.GetOrCreateAsync(key, source.LoadAsync, tags: tags);

    /// <summary>Reads until the value is there: the message of an invalidation is on its way. Nothing else than the message can bring it.</summary>
    public Task SeesAsync(int value, Source source, string key = "answer", params string[] tags) =>
        Eventually.BecomesAsync(() => ReadAsync(source, key, tags), read => read == value, $"{value} at {key}");

    public Task HasLoggedAsync(string text) => Eventually.TrueAsync(() => Task.FromResult(Logged(text) > 0), $"the log line '{text}'");

    public int Logged(string text) => Log.Lines.Count(line => line.Text.Contains(text, StringComparison.Ordinal));
}
