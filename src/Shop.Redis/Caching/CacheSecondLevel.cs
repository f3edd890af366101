using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Distributed;
using Shop.Redis.Live;
using StackExchange.Redis;

namespace Shop.Redis.Caching;

/// <summary>
/// Redis behind the framework's cache. An entry's name begins with its stamp; Redis keeps one value per key, whatever its stamp,
/// so that what was invalidated is replaced and not left behind. A miss is also the question who loads: whoever is told to wait
/// is woken when the entry is there, and asks again. Nothing here throws for Redis: a miss is the answer.
/// </summary>
internal sealed class CacheSecondLevel(IConnectionMultiplexer redis, CacheKeys keys, CacheOptions options, RedisTrust trust, TimeProvider clock) : IDistributedCache
{
    private static readonly RedisScript Fetch = RedisScript.Load<CacheSecondLevel>("fetch.lua");
    private static readonly RedisScript Fill = RedisScript.Load<CacheSecondLevel>("fill.lua");

    // What a lost wake-up costs those who wait.
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);

    private readonly IDatabase _database = redis.GetDatabase();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _waiting = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _loads = new(StringComparer.Ordinal);

    /// <summary>The entry's name: stamp, colon, key. A stamp has no colon.</summary>
    public static string Name(string stamp, string key) => $"{stamp}:{key}";

    /// <summary>Somebody has filled the entry in, or given up.</summary>
    public void Wake(string name)
    {
        if (_waiting.TryRemove(name, out var waiting))
            waiting.TrySetResult();
    }

    public async Task<byte[]?> GetAsync(string name, CancellationToken token = default)
    {
        // The framework asks for invalidations of its own; ours are in the stamp.
        if (!TryParse(name, out var stamp, out var key))
            return null;
        try
        {
            while (trust.Holds)
            {
                var woken = _waiting.GetOrAdd(name, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
                var load = CacheGenerations.Fresh();
                var reply = (RedisValue[])(await Fetch.EvaluateAsync(_database, [keys.Entry(key), keys.Load(key)], [stamp, load, Milliseconds(options.LoadLease)])
                    .WaitAsync(options.Patience, clock, token).ConfigureAwait(false))!;
                switch ((string)reply[0]!)
                {
                    case "hit":
                        CacheTelemetry.Fetched("hit");
                        return reply[1];
                    case "load":
                        CacheTelemetry.Fetched("miss");
                        _loads[name] = load;
                        return null;
                    default:
                        CacheTelemetry.Fetched("wait");
                        await WaitAsync(woken.Task, TimeSpan.FromMilliseconds(Math.Max(1, (long)reply[1]) + 1), token).ConfigureAwait(false);
                        break;
                }
            }
        }
        catch (Exception exception) when (LiveOutage.IsAway(exception))
        {
            trust.Doubt(exception.Message);
        }
        finally
        {
            _waiting.TryRemove(name, out _);
        }

        return null;
    }

    public Task SetAsync(string name, byte[] value, DistributedCacheEntryOptions entry, CancellationToken token = default) =>
        FillAsync(name, value, entry.AbsoluteExpirationRelativeToNow ?? options.Expiration);

    /// <summary>The load has failed, or its result is not for Redis: somebody else may try.</summary>
    public Task GiveUpAsync(string name) => _loads.ContainsKey(name) ? FillAsync(name, [], TimeSpan.Zero) : Task.CompletedTask;

    public Task RefreshAsync(string key, CancellationToken token = default) => Task.CompletedTask;

    public Task RemoveAsync(string key, CancellationToken token = default) => throw Unused();

    public byte[]? Get(string key) => throw Unused();

    public void Set(string key, byte[] value, DistributedCacheEntryOptions entry) => throw Unused();

    public void Refresh(string key) => throw Unused();

    public void Remove(string key) => throw Unused();

    private static NotSupportedException Unused() => new("The framework's cache does not call this, and nobody else can.");

    private static bool TryParse(string name, out string stamp, out string key)
    {
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        (stamp, key) = colon < 0 ? ("", "") : (name[..colon], name[(colon + 1)..]);
        return colon >= 0;
    }

    private async Task FillAsync(string name, byte[] value, TimeSpan expiration)
    {
        var load = _loads.TryRemove(name, out var mine) ? mine : "";
        if (!trust.Holds || !TryParse(name, out var stamp, out var key))
            return;
        try
        {
            await Fill.EvaluateAsync(_database, [keys.Entry(key), keys.Load(key)], [stamp, load, value, Milliseconds(expiration), keys.News, $"f{name}"])
                .WaitAsync(options.Patience, clock).ConfigureAwait(false);
        }
        catch (Exception exception) when (LiveOutage.IsAway(exception))
        {
            trust.Doubt(exception.Message);
        }
    }

    private async Task WaitAsync(Task woken, TimeSpan lease, CancellationToken token)
    {
        using var timer = new CancellationTokenSource(lease < Poll ? lease : Poll, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, token);
        await woken.WaitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        token.ThrowIfCancellationRequested();
    }

    private static long Milliseconds(TimeSpan time) => (long)time.TotalMilliseconds;
}
