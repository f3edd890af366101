using Medallion.Threading.Redis;
using RedLockNet;
using RedLockNet.SERedis;
using RedLockNet.SERedis.Configuration;
using Shop.Benchmarks.Harness;
using Shop.Redis.Locks;
using StackExchange.Redis;

namespace Shop.Benchmarks.Scenarios;

internal abstract class LockSide(ILocks locks) : RedisSide(locks.Name, locks is OurLocks)
{
    protected ILocks Locks => locks;

    public override async Task StartAsync(BenchServers servers, CancellationToken cancellationToken)
    {
        await base.StartAsync(servers, cancellationToken);
        locks.Use(Redis);
    }

    public override async ValueTask DisposeAsync()
    {
        await locks.DisposeAsync();
        await base.DisposeAsync();
    }
}

/// <summary>A library's locks: a ttl of 30 s, a wait of up to a minute.</summary>
internal interface ILocks : IAsyncDisposable
{
    string Name { get; }

    void Use(ConnectionMultiplexer redis);

    /// <summary>Takes a lock that is free.</summary>
    Task<IAsyncDisposable> TryAcquireAsync(string resource);

    /// <summary>Takes it, waiting for it.</summary>
    Task<IAsyncDisposable> AcquireAsync(string resource);
}

internal sealed class OurLocks : ILocks
{
    private RedisLocks? _locks;

    public string Name => "Shop.Redis";

    public void Use(ConnectionMultiplexer redis) => _locks = new RedisLocks(redis, "ours:");

    public async Task<IAsyncDisposable> TryAcquireAsync(string resource) =>
        await _locks!.TryAcquireAsync(resource, TimeSpan.FromSeconds(30)) ?? throw new TimeoutException($"{resource} is not free.");

    public async Task<IAsyncDisposable> AcquireAsync(string resource) => await _locks!.AcquireAsync(resource, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1));

    public ValueTask DisposeAsync() => _locks?.DisposeAsync() ?? default;
}

/// <summary>Polls with pauses of 10 to 800 ms, its default.</summary>
internal sealed class MedallionLocks : ILocks
{
    private RedisDistributedSynchronizationProvider? _locks;

    public string Name => "DistributedLock.Redis";

    public void Use(ConnectionMultiplexer redis) => _locks = new RedisDistributedSynchronizationProvider(redis.GetDatabase(), static options => options.Expiry(TimeSpan.FromSeconds(30)));

    public async Task<IAsyncDisposable> TryAcquireAsync(string resource) =>
        await _locks!.CreateLock(resource).TryAcquireAsync() ?? throw new TimeoutException($"{resource} is not free.");

    public async Task<IAsyncDisposable> AcquireAsync(string resource) => await _locks!.CreateLock(resource).AcquireAsync(TimeSpan.FromMinutes(1));

    public ValueTask DisposeAsync() => default;
}

/// <summary>Polls with the shortest pause that it allows, 10 ms: to its favour.</summary>
internal sealed class RedLocks : ILocks
{
    private RedLockFactory? _locks;

    public string Name => "RedLock.net";

    public void Use(ConnectionMultiplexer redis) => _locks = RedLockFactory.Create([new RedLockMultiplexer(redis)]);

    public async Task<IAsyncDisposable> TryAcquireAsync(string resource) => Held(await _locks!.CreateLockAsync(resource, TimeSpan.FromSeconds(30)));

    public async Task<IAsyncDisposable> AcquireAsync(string resource) =>
        Held(await _locks!.CreateLockAsync(resource, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1), TimeSpan.FromMilliseconds(10)));

    public ValueTask DisposeAsync()
    {
        _locks?.Dispose();
        return default;
    }

    private static IRedLock Held(IRedLock held) => held.IsAcquired ? held : throw new TimeoutException($"RedLock.net did not get {held.Resource}: {held.Status}.");
}
