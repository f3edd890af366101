using System.Globalization;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Shop.Redis.Locks;

/// <summary>The calls to Redis, one script and one round trip each.</summary>
internal sealed class LockScripts(IConnectionMultiplexer redis, LockKeys keys, LockOptions options)
{
    private static readonly RedisScript Acquire = RedisScript.Load<LockScripts>("hand-over.lua", "acquire.lua");
    private static readonly RedisScript Release = RedisScript.Load<LockScripts>("hand-over.lua", "release.lua");
    private static readonly RedisScript Renew = RedisScript.Load<LockScripts>("renew.lua");
    private static readonly RedisScript Inspect = RedisScript.Load<LockScripts>("inspect.lua");

    private readonly IDatabase _database = redis.GetDatabase();
    private readonly RedisValue _memory = Milliseconds(options.TokenMemory);
    private readonly RedisValue _patience = Milliseconds(options.WaiterExpiry);
    private readonly RedisValue _channels = keys.Channels;

    /// <summary>Takes the lock if it is free and nobody waits; else joins (or stays in) the queue, or leaves it.</summary>
    public async Task<AcquireReply> AcquireAsync(LockAttempt attempt, bool queue)
    {
        var reply = (RedisValue[])(await Acquire.EvaluateAsync(_database, attempt.Keys,
        [
            attempt.Owner, _memory, _channels, Milliseconds(attempt.Ttl), queue ? _patience : 0, Milliseconds(attempt.Claim),
        ]).ConfigureAwait(false))!;
        if ((int)reply[0] == 1)
            return new AcquireReply { Token = (long)reply[1] };

        var (token, since, owner) = Parse(reply[1]!);
        var now = (long)reply[3];
        return new AcquireReply
        {
            Ticket = reply[4].IsNullOrEmpty ? 0 : (long)reply[4],
            Holder = new HeldLock(attempt.Resource, owner, token, Age(since, now), TimeSpan.FromMilliseconds((long)reply[2]), 0),
        };
    }

    /// <summary>Prolongs the lock by its whole ttl; false when it is no longer this owner's.</summary>
    public async Task<bool> RenewAsync(LockAttempt attempt, long token) =>
        (int)await Renew.EvaluateAsync(_database, attempt.Keys[..2], [attempt.Owner, token, Milliseconds(attempt.Ttl), _memory]).ConfigureAwait(false) == 1;

    /// <summary>Gives up the lock, and the place in the queue where <paramref name="leaveQueue"/> says so; false when this owner did not hold it.</summary>
    public async Task<bool> ReleaseAsync(LockAttempt attempt, bool leaveQueue) =>
        (int)await Release.EvaluateAsync(_database, attempt.Keys, [attempt.Owner, _memory, _channels, leaveQueue ? 1 : 0]).ConfigureAwait(false) == 1;

    /// <summary>Who holds the lock, or null.</summary>
    public async Task<HeldLock?> InspectAsync(string resource)
    {
        var all = keys.Of(resource);
        var result = await Inspect.EvaluateAsync(_database, [all[0], all[2]], []).ConfigureAwait(false);
        if (result.IsNull)
            return null;

        var reply = (RedisValue[])result!;
        var (token, since, owner) = Parse(reply[0]!);
        return new HeldLock(resource, owner, token, Age(since, (long)reply[3]), TimeSpan.FromMilliseconds((long)reply[1]), (int)reply[2]);
    }

    /// <summary>
    /// As <see cref="ReleaseAsync"/>, but waits for no longer than the release time-out and logs what went wrong.
    /// Null: unknown; what was held ends with its ttl.
    /// </summary>
    public async Task<bool?> TryReleaseAsync(LockAttempt attempt, bool leaveQueue, Task renewal, TimeProvider clock, ILogger logger)
    {
        var release = ReleaseAsync(attempt, leaveQueue);
        try
        {
            if (!release.IsCompleted || !renewal.IsCompleted)
                await Task.WhenAll(release, renewal).WaitAsync(options.ReleaseTimeout, clock).ConfigureAwait(false);
            return await release.ConfigureAwait(false);
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            logger.ReleaseFailed(attempt.Resource, attempt.Owner, attempt.Ttl, exception);
            return null;
        }
    }

    /// <summary>The call failed; it may or may not have been carried out.</summary>
    public static bool IsFailure(Exception exception) => exception is RedisException or TimeoutException or ObjectDisposedException;

    /// <summary>As <see cref="IsFailure"/>, and asking again can help: Redis is away, slow, loading or moving.</summary>
    public static bool MayPass(Exception exception) => exception switch
    {
        RedisServerException
        {
            Kind: RedisErrorKind.Unknown or RedisErrorKind.UnknownError or RedisErrorKind.CrossSlot or RedisErrorKind.NoAuth
            or RedisErrorKind.WrongPass or RedisErrorKind.NoPermission or RedisErrorKind.NotPermitted or RedisErrorKind.UnknownCommand or RedisErrorKind.WrongType
        } => false,
        _ => exception is RedisException or TimeoutException,
    };

    private static (long Token, long Since, string Owner) Parse(string value)
    {
        var parts = value.Split(' ', 3);
        return (long.Parse(parts[0], CultureInfo.InvariantCulture), long.Parse(parts[1], CultureInfo.InvariantCulture), parts[2]);
    }

    private static TimeSpan Age(long since, long now) => TimeSpan.FromMicroseconds(Math.Max(0, now - since));

    private static long Milliseconds(TimeSpan time) => (long)time.TotalMilliseconds;
}

/// <summary>One call's wish for a lock. Its owner id is unique, which makes asking again harmless.</summary>
internal sealed record LockAttempt(string Resource, RedisKey[] Keys, string Owner, TimeSpan Ttl, TimeSpan Claim);

/// <summary>Either a token, or who holds the lock and the caller's place in the queue.</summary>
internal readonly record struct AcquireReply
{
    /// <summary>The fencing token; 0 when the lock was not granted.</summary>
    public long Token { get; init; }

    /// <summary>Names this stay in the queue; 0 outside it. A wake-up for another stay is a stale one.</summary>
    public long Ticket { get; init; }

    /// <summary>Who holds the lock; null when it was granted.</summary>
    public HeldLock? Holder { get; init; }
}
