using System.Collections.Concurrent;
using System.Security.Cryptography;
using StackExchange.Redis;

namespace Shop.Redis.Caching;

/// <summary>
/// The generations that this process knows, one per key and tag in use. A piece of news takes one away, even while it is being
/// asked for: whoever comes after the news asks anew.
/// </summary>
internal sealed class CacheGenerations(IConnectionMultiplexer redis, CacheKeys keys, CacheOptions options, TimeProvider clock)
{
    private static readonly RedisScript Resolve = RedisScript.Load<CacheGenerations>("resolve.lua");

    private readonly IDatabase _database = redis.GetDatabase();
    private readonly ConcurrentDictionary<string, Generation> _known = new(StringComparer.Ordinal);
    private volatile string _away = Fresh();

    /// <summary>96 random bits: no invalidation, and no wipe, ever brings one back.</summary>
    public static string Fresh() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(12));

    /// <summary>The generation of a key or tag. No round trip when it is known.</summary>
    public ValueTask<string> GetAsync(string name)
    {
        if (!_known.TryGetValue(name, out var generation) || clock.GetElapsedTime(generation.AskedAt) >= options.RecheckInterval)
        {
            generation = new Generation(clock.GetTimestamp(), new Lazy<Task<string>>(() => AskAsync(name)));
            _known[name] = generation;
        }

        return new ValueTask<string>(generation.Value.Value);
    }

    /// <summary>The stamp of everything while invalidations cannot be heard. Whatever is dropped replaces it.</summary>
    public string Away => _away;

    public void Drop(string name)
    {
        _known.TryRemove(name, out _);
        _away = Fresh();
    }

    public void DropAll()
    {
        _known.Clear();
        _away = Fresh();
    }

    /// <summary>Forgets what has not been in use lately.</summary>
    public void DropIdle()
    {
        foreach (var known in _known)
        {
            if (clock.GetElapsedTime(known.Value.AskedAt) >= options.RecheckInterval)
                _known.TryRemove(known);
        }
    }

    private async Task<string> AskAsync(string name)
    {
        try
        {
            return (string)(await Resolve.EvaluateAsync(_database, [keys.Generation(name)], [Fresh(), (long)CacheKeys.GenerationExpiry.TotalMilliseconds])
                .WaitAsync(options.Patience, clock).ConfigureAwait(false))!;
        }
        catch
        {
            _known.TryRemove(name, out _);
            throw;
        }
    }

    private sealed record Generation(long AskedAt, Lazy<Task<string>> Value);
}
