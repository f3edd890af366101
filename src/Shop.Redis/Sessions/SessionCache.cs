using System.Globalization;
using StackExchange.Redis;

namespace Shop.Redis.Sessions;

/// <summary>The calls to Redis: one script, one key and one round trip each.</summary>
internal sealed class SessionCache(IConnectionMultiplexer redis, SessionKeys keys, SessionOptions options)
{
    private static readonly RedisScript Get = RedisScript.Load<SessionCache>("get.lua");
    private static readonly RedisScript Fill = RedisScript.Load<SessionCache>("fill.lua");
    private static readonly RedisScript Update = RedisScript.Load<SessionCache>("update.lua");
    private static readonly RedisScript End = RedisScript.Load<SessionCache>("end.lua");

    private readonly IDatabase _database = redis.GetDatabase();
    private readonly RedisValue _leaseTime = Milliseconds(SessionKeys.LeaseTime);
    private readonly RedisValue _touchInterval = Milliseconds(options.TouchInterval);
    private readonly RedisValue _idleTimeout = Milliseconds(options.IdleTimeout);

    /// <summary>The entry; one that is missing is leased to the caller as <paramref name="lease"/>.</summary>
    public async Task<SessionEntry> GetAsync(SessionHash hash, string lease, DateTimeOffset now)
    {
        var reply = (RedisValue[])(await Get.EvaluateAsync(_database, [keys.Of(hash)],
            [lease, _leaseTime, now.ToUnixTimeMilliseconds(), _touchInterval, _idleTimeout]).ConfigureAwait(false))!;
        return (string)reply[0]! switch
        {
            "living" => new SessionEntry
            {
                Session = SessionCodec.Read(hash, (long)reply[1], (ReadOnlyMemory<byte>)reply[2], DateTimeOffset.FromUnixTimeMilliseconds((long)reply[3])),
                TouchDue = (int)reply[4] == 1,
            },
            "ended" => default,
            _ => new SessionEntry { Lease = reply[1] },
        };
    }

    /// <summary>Puts in what the vault said (null: no living session). False when the lease was taken away.</summary>
    public async Task<bool> FillAsync(SessionHash hash, string lease, StoredSession? session) =>
        (int)await Fill.EvaluateAsync(_database, [keys.Of(hash)], session is null
            ? [lease, _leaseTime, 0, RedisValue.EmptyString, 0]
            : [lease, CacheLifetime(), session.Version, SessionCodec.Write(session), session.LastSeenAt.ToUnixTimeMilliseconds()]).ConfigureAwait(false) == 1;

    /// <summary>Replaces an older version.</summary>
    public Task UpdateAsync(StoredSession session) =>
        Update.EvaluateAsync(_database, [keys.Of(session.Hash)], [session.Version, SessionCodec.Write(session)]);

    /// <summary>Drops an older version. True when there was one.</summary>
    public async Task<bool> DropOlderAsync(SessionHash hash, long version) =>
        (int)await Update.EvaluateAsync(_database, [keys.Of(hash)], [version, RedisValue.EmptyString]).ConfigureAwait(false) == 1;

    /// <summary>Puts a tombstone. True when the session was living here.</summary>
    public async Task<bool> EndAsync(SessionHash hash) =>
        (int)await End.EvaluateAsync(_database, [keys.Of(hash)], [Milliseconds(options.CacheLifetime)]).ConfigureAwait(false) == 1;

    /// <summary>Completes when the node that this session belongs to answers.</summary>
    public Task ProbeAsync(SessionHash hash) => _database.KeyExistsAsync(keys.Of(hash));

    private RedisValue CacheLifetime() => Milliseconds(options.CacheLifetime * (0.8 + 0.4 * Random.Shared.NextDouble()));

    private static RedisValue Milliseconds(TimeSpan time) => ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
}

/// <summary>What Redis has of a session: a living one, a lease, or (neither) a tombstone.</summary>
internal readonly record struct SessionEntry
{
    /// <summary>The living session.</summary>
    public StoredSession? Session { get; init; }

    /// <summary>Whether the caller is to note this use in the vault: Redis counts it as noted.</summary>
    public bool TouchDue { get; init; }

    /// <summary>Who reads the vault, perhaps the caller itself.</summary>
    public string? Lease { get; init; }
}
