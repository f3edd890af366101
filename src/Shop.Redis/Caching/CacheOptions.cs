using System.Text.Json;

namespace Shop.Redis.Caching;

/// <summary>Settings of <see cref="RedisHybridCache"/>. The processes that share a cache share them.</summary>
public sealed class CacheOptions
{
    /// <summary>
    /// How long an entry lives where the caller does not say. Default 5 min. It bounds how long something old can be served when
    /// an invalidation never comes, because whoever owed it died.
    /// </summary>
    public TimeSpan Expiration { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How much of that time a process keeps it in its own memory. Default 1 min; then it is read from Redis again.</summary>
    public TimeSpan LocalExpiration { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How much memory the process spends on it, counted in serialised bytes. Default 64 MiB. Beyond it, the least recently used go.</summary>
    public long MaxLocalBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>
    /// How long a message that Pub/Sub lost without anybody noticing can go unnoticed. Default 15 s: then the generations are read
    /// again, one call per key or tag in use and interval. Lost connections are noticed by themselves, at once.
    /// </summary>
    public TimeSpan RecheckInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// For how long others leave a load to the one that has begun it. Default 5 s. A loader that dies keeps them waiting so
    /// long, once; a load that takes longer is begun a second time elsewhere, to no harm.
    /// </summary>
    public TimeSpan LoadLease { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a caller waits for Redis before it does without. Default 500 ms. From then on Redis is left alone until it has answered in the background.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>What happens while invalidations cannot be heard. Default: <see cref="CacheWhileAway.KeepBriefly"/>.</summary>
    public CacheWhileAway WhileAway { get; init; } = CacheWhileAway.KeepBriefly;

    /// <summary>For <see cref="CacheWhileAway.KeepBriefly"/>: how old something may be then. Default 2 s: each process loads a key every 2 s, however many ask for it.</summary>
    public TimeSpan AwayExpiration { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How values become JSON. Default: the serialiser's own settings. Give it a source-generated resolver in hot paths.</summary>
    public JsonSerializerOptions? Json { get; init; }

    /// <summary>Throws when a setting is out of range; <see cref="RedisHybridCache"/> calls it.</summary>
    /// <exception cref="ArgumentException">The message names the setting and its value.</exception>
    public void Validate()
    {
        if (Expiration <= TimeSpan.Zero || Expiration > CacheKeys.GenerationExpiry)
            throw new ArgumentException($"{nameof(Expiration)} is {Expiration}: positive, at most {CacheKeys.GenerationExpiry}.");
        if (LocalExpiration <= TimeSpan.Zero || LocalExpiration > Expiration)
            throw new ArgumentException($"{nameof(LocalExpiration)} is {LocalExpiration} and {nameof(Expiration)} {Expiration}: the local part is positive and not longer than the whole.");
        if (MaxLocalBytes <= 0)
            throw new ArgumentException(FormattableString.Invariant($"{nameof(MaxLocalBytes)} is {MaxLocalBytes}: positive."));
        if (RecheckInterval < TimeSpan.FromSeconds(1))
            throw new ArgumentException($"{nameof(RecheckInterval)} is {RecheckInterval}: at least 1 s, or the cache does nothing but re-check.");
        if (LoadLease < TimeSpan.FromMilliseconds(100))
            throw new ArgumentException($"{nameof(LoadLease)} is {LoadLease}: at least 100 ms, or everybody loads.");
        if (Patience <= TimeSpan.Zero || AwayExpiration <= TimeSpan.Zero)
            throw new ArgumentException($"{nameof(Patience)} is {Patience} and {nameof(AwayExpiration)} {AwayExpiration}: both are positive.");
    }
}

/// <summary>What a <see cref="RedisHybridCache"/> does while invalidations cannot be heard.</summary>
public enum CacheWhileAway
{
    /// <summary>Keeps what it loads for <see cref="CacheOptions.AwayExpiration"/> in the process: old by no more than that, and the source is not overrun.</summary>
    KeepBriefly,

    /// <summary>Loads for each call, except for those that come while a load is under way and share it: nothing is older than that load, and the source carries it all.</summary>
    AlwaysLoad,
}
