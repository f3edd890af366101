using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Internal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Shop.Redis.Live;
using StackExchange.Redis;

namespace Shop.Redis.Caching;

/// <summary>
/// The framework's <see cref="HybridCache"/> (memory of the process first, Redis second, concurrent misses load once) in which an
/// invalidation is seen by every process at once, and nothing that was loaded before it is served after it.
/// <para>
/// Each key and each tag has a generation: random characters, kept in Redis and, once known, in the process. The generations of a
/// key and its tags are the stamp under which its entry is cached, in the process and in Redis. An invalidation replaces a
/// generation and says so by Pub/Sub; whoever hears it forgets the old one, asks for the new one at the next read, and finds
/// nothing under that stamp. A load that began before may end whenever it likes: its result lies under a stamp that nobody
/// will ask for. Generations are never used twice, so neither a wipe nor a Redis that lost something brings an old entry back.
/// A wipe needs no noticing: what a process knows and has in its memory is still true, and still hears of invalidations.
/// </para>
/// <para>
/// Misses on several machines load once: the first gets leave to load for <see cref="CacheOptions.LoadLease"/>, and the others
/// wait for its result, or for the lease to run out should it have died.
/// </para>
/// <para>
/// While the process cannot hear invalidations, it goes by <see cref="CacheOptions.WhileAway"/>; Redis never makes a read fail.
/// The generations that a process knows are read again every <see cref="CacheOptions.RecheckInterval"/>, should Pub/Sub
/// have lost a message without anybody noticing.
/// </para>
/// </summary>
/// <remarks>
/// Thread-safe; one per process and prefix. Give the same tags with every call for a key: they are part of where it is looked for.
/// Keys become Redis keys: do not build them from raw user input.
/// </remarks>
public sealed class RedisHybridCache : HybridCache, IAsyncDisposable
{
    private readonly CacheOptions _options;
    private readonly TimeProvider _clock;
    private readonly RedisTrust _trust;
    private readonly CacheGenerations _generations;
    private readonly CacheSecondLevel _secondLevel;
    private readonly CacheKeeper _keeper;
    private readonly CacheInvalidator _invalidator;
    private readonly ServiceProvider _services;
    private readonly HybridCache _inner;

    /// <summary>Uses <paramref name="redis"/>, with <paramref name="keyPrefix"/> before every key; subscribes to one channel.</summary>
    /// <param name="redis">The connection.</param>
    /// <param name="keyPrefix">For example <c>shop:</c>. Processes that share the cache share it.</param>
    /// <param name="options">Defaults when null.</param>
    /// <param name="clock">For expiry in the process, re-checks and waiting; what Redis keeps expires by Redis's own clock.</param>
    /// <param name="loggers">None when null. The framework's cache logs too (values that are too large or cannot be serialised).</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public RedisHybridCache(IConnectionMultiplexer redis, string keyPrefix, CacheOptions? options = null, TimeProvider? clock = null, ILoggerFactory? loggers = null)
    {
        ArgumentNullException.ThrowIfNull(redis);
        _options = options ?? new CacheOptions();
        _options.Validate();
        _clock = clock ?? TimeProvider.System;
        loggers ??= NullLoggerFactory.Instance;
        var logger = loggers.CreateLogger<RedisHybridCache>();
        var keys = new CacheKeys(keyPrefix);
        _trust = new RedisTrust(redis, _clock, reason => OnDeaf(logger, reason), holds: false);
        _generations = new CacheGenerations(redis, keys, _options, _clock);
        _secondLevel = new CacheSecondLevel(redis, keys, _options, _trust, _clock);
        _invalidator = new CacheInvalidator(redis, keys, _options.Patience, _clock, logger);
        _keeper = new CacheKeeper(redis, keys.News, _generations, _secondLevel, _invalidator, _options, _trust, _clock, logger);
        _services = Services(_options, _secondLevel, _clock, loggers);
        _inner = _services.GetRequiredService<HybridCache>();
    }

    /// <summary>
    /// The value of a key: from the process, from Redis, or loaded, once for all who ask at the same time on any machine. No round
    /// trip for what the process has; one for what Redis has, and one more for keys and tags that are new to the process.
    /// </summary>
    /// <param name="key">At most 500 characters, no braces and no control characters.</param>
    /// <param name="state">For <paramref name="factory"/>.</param>
    /// <param name="factory">Loads from the source. Its exception reaches all who wait for it, and nothing is cached.</param>
    /// <param name="options">For this entry.</param>
    /// <param name="tags">The same with every call for the key.</param>
    /// <param name="cancellationToken">Stops waiting; the load goes on for those who still do.</param>
    /// <exception cref="ArgumentException">The key or a tag cannot be one.</exception>
    public override async ValueTask<T> GetOrCreateAsync<TState, T>(string key, TState state, Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default)
    {
        var stamp = await StampAsync(key, tags, cancellationToken).ConfigureAwait(false);
        CacheTelemetry.Read(away: stamp is null);
        var name = CacheSecondLevel.Name(stamp ?? _generations.Away, key);
        var load = new Load<TState, T>(this, name, key, state, factory, Activity.Current?.Context ?? default, WritesToRedis: stamp is not null && WritesToRedis(options));
        return await _inner.GetOrCreateAsync(name, load, static (load, ct) => load.RunAsync(ct), stamp is null ? Away(options) : options, tags: null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Replaces the value of a key, on every process: an invalidation, and the new value in its place.</summary>
    /// <inheritdoc/>
    public override async ValueTask SetAsync<T>(string key, T value, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default)
    {
        await RemoveAsync(key, cancellationToken).ConfigureAwait(false);
        var stamp = await StampAsync(key, tags, cancellationToken).ConfigureAwait(false);
        await _inner.SetAsync(CacheSecondLevel.Name(stamp ?? _generations.Away, key), value, stamp is null ? Away(options) : options, tags: null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Invalidates a key. When Redis is away it is sent later; this process forgets the entry in any case.</summary>
    /// <inheritdoc/>
    public override ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default) =>
        new(InvalidateAsync(new CacheInvalidation { Keys = [key] }, cancellationToken));

    /// <summary>Invalidates keys, all in one go.</summary>
    /// <inheritdoc/>
    public override ValueTask RemoveAsync(IEnumerable<string> keys, CancellationToken cancellationToken = default) =>
        new(InvalidateAsync(new CacheInvalidation { Keys = [.. keys] }, cancellationToken));

    /// <summary>Invalidates everything that has the tag; <c>*</c> is everything.</summary>
    /// <inheritdoc/>
    public override ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default) =>
        new(InvalidateAsync(new CacheInvalidation { Tags = [tag] }, cancellationToken));

    /// <summary>Invalidates everything that has one of the tags, all in one go.</summary>
    /// <inheritdoc/>
    public override ValueTask RemoveByTagAsync(IEnumerable<string> tags, CancellationToken cancellationToken = default) =>
        new(InvalidateAsync(new CacheInvalidation { Tags = [.. tags] }, cancellationToken));

    /// <summary>Invalidates keys and tags, all in one go. One script each, in one round trip.</summary>
    /// <param name="invalidation">What has changed.</param>
    /// <param name="ct">Stops waiting; it is sent all the same.</param>
    /// <returns>False when Redis did not answer in time: others hear of it when it is back.</returns>
    public async Task<bool> InvalidateAsync(CacheInvalidation invalidation, CancellationToken ct = default)
    {
        var sent = await _invalidator.InvalidateAsync(invalidation, ct).ConfigureAwait(false);
        if (!sent)
            _trust.Doubt("an invalidation could not be sent");
        foreach (var key in invalidation.Keys)
            _generations.Drop(CacheName.OfKey(key));
        foreach (var tag in invalidation.Tags)
            _generations.Drop(CacheName.OfTag(tag));
        return sent;
    }

    /// <summary>Ends the subscription, and sends what invalidations are still to be sent.</summary>
    public async ValueTask DisposeAsync()
    {
        _trust.Dispose();
        await _keeper.DisposeAsync().ConfigureAwait(false);
        await _invalidator.DisposeAsync().ConfigureAwait(false);
        await _services.DisposeAsync().ConfigureAwait(false);
    }

    private static ServiceProvider Services(CacheOptions options, CacheSecondLevel secondLevel, TimeProvider clock, ILoggerFactory loggers)
    {
        // A container of its own: the application's IDistributedCache and IMemoryCache are none of our business.
        var services = new ServiceCollection()
            .AddSingleton(clock)
            .AddSingleton(loggers)
            .AddSingleton<IDistributedCache>(secondLevel)
            .AddMemoryCache(memory => (memory.SizeLimit, memory.Clock) = (options.MaxLocalBytes, new MemoryClock(clock)));
        if (options.Json is not null)
            services.AddKeyedSingleton<JsonSerializerOptions>(typeof(IHybridCacheSerializer<>), options.Json);
        services.AddHybridCache(hybrid =>
        {
            hybrid.DefaultEntryOptions = new HybridCacheEntryOptions { Expiration = options.Expiration, LocalCacheExpiration = options.LocalExpiration };
            hybrid.MaximumKeyLength = 4096; // stamps come on top of what we allow
        });
        return services.BuildServiceProvider();
    }

    /// <summary>The generations of everything, the key and its tags; null while invalidations cannot be heard.</summary>
    private async ValueTask<string?> StampAsync(string key, IEnumerable<string>? tags, CancellationToken ct)
    {
        CacheKeys.Validate(key, nameof(key));
        if (!_keeper.Begun.IsCompleted)
            await _keeper.Begun.WaitAsync(ct).WaitAsync(_options.Patience, _clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_trust.Holds)
            return null;

        // All are asked for before the first answer is waited for.
        var asked = new List<ValueTask<string>>(4) { _generations.GetAsync(CacheName.Everything), _generations.GetAsync(CacheName.OfKey(key)) };
        foreach (var tag in (tags ?? []).Order(StringComparer.Ordinal))
        {
            CacheKeys.Validate(tag, nameof(tags));
            asked.Add(_generations.GetAsync(CacheName.OfTag(tag)));
        }

        try
        {
            var stamp = new string[asked.Count];
            for (var i = 0; i < stamp.Length; i++)
                stamp[i] = await asked[i].ConfigureAwait(false);
            return string.Concat(stamp);
        }
        catch (Exception exception) when (LiveOutage.IsAway(exception))
        {
            _trust.Doubt(exception.Message);
            return null;
        }
    }

    private void OnDeaf(ILogger logger, string reason)
    {
        _generations.DropAll();
        CacheTelemetry.Away();
        logger.Deaf(reason, _options.WhileAway);
    }

    private HybridCacheEntryOptions Away(HybridCacheEntryOptions? options)
    {
        var flags = (options?.Flags ?? HybridCacheEntryFlags.None) | HybridCacheEntryFlags.DisableDistributedCache;
        if (_options.WhileAway == CacheWhileAway.AlwaysLoad)
            flags |= HybridCacheEntryFlags.DisableLocalCache;
        return new HybridCacheEntryOptions { Flags = flags, Expiration = _options.AwayExpiration, LocalCacheExpiration = Min(options?.LocalCacheExpiration, _options.AwayExpiration) };
    }

    private static bool WritesToRedis(HybridCacheEntryOptions? options) => options?.Flags is not { } flags || !flags.HasFlag(HybridCacheEntryFlags.DisableDistributedCacheWrite);

    private static TimeSpan Min(TimeSpan? one, TimeSpan other) => one < other ? one.Value : other;

    private sealed class MemoryClock(TimeProvider clock) : ISystemClock
    {
        public DateTimeOffset UtcNow => clock.GetUtcNow();
    }

    /// <summary>One call's load, should it be the one to load.</summary>
    private sealed record Load<TState, T>(
        RedisHybridCache Cache, string Name, string Key, TState State, Func<TState, CancellationToken, ValueTask<T>> Factory, ActivityContext Caller, bool WritesToRedis)
    {
        public async ValueTask<T> RunAsync(CancellationToken ct)
        {
            using var activity = CacheTelemetry.StartLoad(Caller, Key);
            var started = Cache._clock.GetTimestamp();
            try
            {
                var value = await Factory(State, ct).ConfigureAwait(false);
                CacheTelemetry.Loaded(activity, Cache._clock.GetElapsedTime(started), null);
                if (!WritesToRedis)
                    await Cache._secondLevel.GiveUpAsync(Name).ConfigureAwait(false);
                return value;
            }
            catch (Exception exception)
            {
                CacheTelemetry.Loaded(activity, Cache._clock.GetElapsedTime(started), exception);
                await Cache._secondLevel.GiveUpAsync(Name).ConfigureAwait(false);
                throw;
            }
        }
    }
}
