using System.Collections.Concurrent;
using StackExchange.Redis;

namespace Shop.Redis.RateLimiting;

/// <summary>The calls to Redis, one script and one round trip each.</summary>
internal sealed class RateLimitScripts(IConnectionMultiplexer redis)
{
    // Redis runs a script from its first line each time: a call brings the kinds of limit along that it needs, and no others.
    private static readonly ConcurrentDictionary<RateLimitKinds, RedisScript> Decide = [];
    private static readonly RedisScript Inspect = Load(RateLimitKinds.All, "inspect.lua");

    private readonly IDatabase _database = redis.GetDatabase();

    public async Task<RateLimitDecision> DecideAsync(RateLimitCall call, int permits)
    {
        var reply = (long[])(await Decide.GetOrAdd(call.Kinds, static kinds => Load(kinds, "decide.lua")).EvaluateAsync(_database, call.Keys, call.Arguments(permits)).ConfigureAwait(false))!;
        var states = new RateLimitState[call.Limits.Length];
        var retryAfter = TimeSpan.Zero;
        for (var i = 0; i < states.Length; i++)
        {
            states[i] = State(call.Limits[i], reply.AsSpan(2 + (3 * i)));
            if (states[i].RetryAfter > retryAfter)
                retryAfter = states[i].RetryAfter;
        }

        return new RateLimitDecision(reply[0] == 1, RateLimitSource.Redis, DateTimeOffset.UnixEpoch.AddMicroseconds(reply[1]), retryAfter, states);
    }

    public async Task<IReadOnlyList<InspectedLimit>> InspectAsync(RateLimitCall call)
    {
        var reply = (long[])(await Inspect.EvaluateAsync(_database, call.Keys, call.Arguments(0)).ConfigureAwait(false))!;
        return [.. call.Limits.Select((limit, i) => new InspectedLimit(State(limit, reply.AsSpan(4 * i)), reply[(4 * i) + 3]))];
    }

    private static RateLimitState State(RateLimit limit, ReadOnlySpan<long> reply) =>
        new(limit.Rule, limit.Partition, limit.Rule.Permits, (int)reply[1], TimeSpan.FromMicroseconds(reply[2]), TimeSpan.FromMicroseconds(reply[0]));

    private static RedisScript Load(RateLimitKinds kinds, string last) => RedisScript.Load<RateLimitScripts>(
    [
        "limits.lua",
        .. kinds.HasFlag(RateLimitKinds.FixedWindow) ? ["fixed-window.lua"] : Array.Empty<string>(),
        .. kinds.HasFlag(RateLimitKinds.SlidingWindow) ? ["sliding-window.lua"] : Array.Empty<string>(),
        .. kinds.HasFlag(RateLimitKinds.TokenBucket) ? ["token-bucket.lua"] : Array.Empty<string>(),
        last,
    ]);
}

/// <summary>Kinds of limit.</summary>
[Flags]
internal enum RateLimitKinds
{
    None = 0,
    FixedWindow = 1,
    SlidingWindow = 2,
    TokenBucket = 4,
    All = FixedWindow | SlidingWindow | TokenBucket,
}
