using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Shop.Redis.RateLimiting;

/// <summary>
/// Rate limits over all processes: N permits are N permits, whoever asks and whatever their clocks say.
/// <para>
/// A decision is one script, so one round trip: it reads Redis's clock, looks at every limit of the call, and takes the permits from each if
/// all of them have enough. If one has not, nothing is taken from any, and the answer says to the microsecond when it is worth coming
/// back. Concurrent calls are decided one after the other, as Redis runs scripts.
/// </para>
/// <para>
/// While Redis is away, <see cref="RateLimitOptions.WhenAway"/> decides, and Redis is asked again now and then. What a wipe costs: every limit has all its
/// permits again, so that within the current window as many more can pass; the same goes for a failover that lost the last writes, for evicted keys (run
/// limits under <c>noeviction</c> or <c>volatile-ttl</c>), and for permits granted locally, which Redis does not learn of.
/// </para>
/// </summary>
/// <remarks>
/// Thread-safe; one per process and prefix, for it holds what the fallback remembers. The connection stays the caller's. Redis commands, in scripts: TIME, those of
/// the rules, and INCR and PEXPIRE for a refusal.
/// </remarks>
public sealed class RedisRateLimits
{
    private readonly IConnectionMultiplexer _redis;
    private readonly RateLimitKeys _keys;
    private readonly RateLimitOptions _options;
    private readonly TimeProvider _clock;
    private readonly RateLimitScripts _scripts;
    private readonly RateLimitOutage _outage;
    private readonly LocalLimits _local;

    /// <summary>Uses <paramref name="redis"/>, with <paramref name="keyPrefix"/> before every key.</summary>
    /// <param name="redis">The connection; shared, never blocked.</param>
    /// <param name="keyPrefix">For example <c>shop:</c>. Processes that share limits share it.</param>
    /// <param name="options">Defaults when null.</param>
    /// <param name="clock">Measures patience and, while Redis is away, the local limits; else Redis's own clock decides.</param>
    /// <param name="logger">Told of outages.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public RedisRateLimits(IConnectionMultiplexer redis, string keyPrefix, RateLimitOptions? options = null, TimeProvider? clock = null, ILogger<RedisRateLimits>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(redis);
        _options = options ?? new RateLimitOptions();
        _options.Validate();
        _redis = redis;
        _keys = new RateLimitKeys(keyPrefix);
        _clock = clock ?? TimeProvider.System;
        _scripts = new RateLimitScripts(redis);
        _outage = new RateLimitOutage(_options, _clock, logger ?? NullLogger<RedisRateLimits>.Instance);
        _local = new LocalLimits(_options.Replicas, _clock);
    }

    /// <summary>Whether this process decides without Redis now.</summary>
    public bool IsFallback => _outage.IsAway;

    internal TimeProvider Clock => _clock;

    /// <summary>A limiter for one partition. Cheap: it holds names, and what it limits lives in Redis.</summary>
    /// <param name="rule">How much.</param>
    /// <param name="partition">For whom, for example <c>user:ada</c>; see <see cref="RateLimit"/>.</param>
    /// <exception cref="ArgumentException">The partition is empty.</exception>
    public RedisRateLimiter For(RateLimitRule rule, string partition) => For([new RateLimit(rule, partition)]);

    /// <summary>A limiter for several limits that are decided at once: each has the permits, or none gives any.</summary>
    /// <param name="limits">At least one, all of the same group (<see cref="RateLimitRule.Group"/>), none twice.</param>
    /// <exception cref="ArgumentException">They cannot be decided together; the message says which and why.</exception>
    public RedisRateLimiter For(params RateLimit[] limits) => new(this, CallOf(limits));

    /// <summary>How limits stand, in one round trip, without taking anything; all of the same group, as in <see cref="For(RateLimit[])"/>. For operators and tests: the answer may be old when it arrives.</summary>
    /// <param name="limits">The limits.</param>
    /// <param name="ct">Gives up waiting.</param>
    /// <exception cref="RedisException">Redis is away.</exception>
    public Task<IReadOnlyList<InspectedLimit>> InspectAsync(RateLimit[] limits, CancellationToken ct = default) =>
        _scripts.InspectAsync(CallOf(limits)).WaitAsync(ct);

    /// <summary>Who had requests refused lately, in no order. Walks the whole key space of every primary (SCAN): for operators, not for programs.</summary>
    /// <param name="ct">Stops the walk.</param>
    /// <exception cref="RedisException">Redis is away.</exception>
    public async IAsyncEnumerable<RefusedRequests> RefusedAsync([EnumeratorCancellation] CancellationToken ct = default)
    {
        var database = _redis.GetDatabase();
        foreach (var server in _redis.GetServers().Where(static server => server is { IsConnected: true, IsReplica: false }))
        {
            await foreach (var key in server.KeysAsync(database.Database, _keys.RefusedPattern, pageSize: 1000).WithCancellation(ct).ConfigureAwait(false))
            {
                if ((long?)await database.StringGetAsync(key).WaitAsync(ct).ConfigureAwait(false) is not { } count)
                    continue; // expired just now
                var (policy, partition) = _keys.Parse(key!);
                yield return new RefusedRequests(policy, partition, count);
            }
        }
    }

    internal async ValueTask<RateLimitDecision> DecideAsync(RateLimitCall call, int permits, CancellationToken ct)
    {
        var started = _clock.GetTimestamp();
        using var activity = RateLimitTelemetry.Start(call);
        RateLimitDecision? decision = null;
        if (_outage.MayAsk())
        {
            try
            {
                decision = await _scripts.DecideAsync(call, permits).WaitAsync(_options.AnswerTimeout, _clock, ct).ConfigureAwait(false);
                if (_outage.Worked())
                    _local.Forget();
            }
            catch (Exception exception) when (RateLimitOutage.IsFailure(exception))
            {
                _outage.Failed(exception);
                RateLimitTelemetry.Failed(activity, exception);
            }
        }

        decision ??= _options.WhenAway switch
        {
            RateLimitFallback.Allow => new RateLimitDecision(true, RateLimitSource.Allowed, _clock.GetUtcNow(), TimeSpan.Zero, []),
            RateLimitFallback.Deny => new RateLimitDecision(false, RateLimitSource.Denied, _clock.GetUtcNow(), _options.RetryInterval, []),
            _ => _local.Decide(call, permits),
        };
        RateLimitTelemetry.Decided(activity, call, decision, _clock.GetElapsedTime(started));
        return decision;
    }

    private RateLimitCall CallOf(RateLimit[] limits) => new(limits, _keys, _options.RememberRefusals);
}
