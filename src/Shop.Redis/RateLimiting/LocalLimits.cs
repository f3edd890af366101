using StackExchange.Redis;

namespace Shop.Redis.RateLimiting;

/// <summary>Decides while Redis is away, as decide.lua does, with this process's share of every limit.</summary>
internal sealed class LocalLimits(int replicas, TimeProvider clock)
{
    private const int FirstSweep = 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<RedisKey, LocalLimit> _limits = [];
    private int _sweepAt = FirstSweep;

    /// <summary>Limits remembered.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _limits.Count;
        }
    }

    public RateLimitDecision Decide(RateLimitCall call, int permits)
    {
        lock (_gate)
        {
            var now = (long)clock.GetElapsedTime(0).TotalMicroseconds;
            Sweep(now);
            var limits = Array.ConvertAll(call.Limits, limit => limit.Rule);
            var locals = limits.Select((rule, i) => LimitOf(call.Keys[2 * i], rule)).ToArray();

            // Nobody gets more than the share, and a call for more takes all of it: else it could never be granted.
            int Wanted(LocalLimit local) => Math.Min(Math.Max(permits, 1), local.Permits);
            var granted = locals.All(local => local.Wait(now, Wanted(local)) == 0);
            for (var i = 0; i < locals.Length; i++)
            {
                if (permits > 0 && (granted || limits[i].CountsRejected))
                    locals[i].Take(now, Wanted(locals[i]));
            }

            var states = locals.Select((local, i) => new RateLimitState(
                limits[i],
                call.Limits[i].Partition,
                local.Permits,
                local.Free(now),
                TimeSpan.FromMicroseconds(local.More(now)),
                granted ? TimeSpan.Zero : TimeSpan.FromMicroseconds(local.Wait(now, Wanted(local))))).ToArray();
            return new RateLimitDecision(granted, RateLimitSource.Local, clock.GetUtcNow(), states.Max(static state => state.RetryAfter), states);
        }
    }

    /// <summary>Redis decides again.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _limits.Clear();
            _sweepAt = FirstSweep;
        }
    }

    private LocalLimit LimitOf(RedisKey key, RateLimitRule rule)
    {
        if (!_limits.TryGetValue(key, out var limit))
            _limits[key] = limit = rule.Share(replicas);
        return limit;
    }

    /// <summary>Drops the limits of which nothing is taken, so that an outage costs memory only for who was there lately.</summary>
    private void Sweep(long now)
    {
        if (_limits.Count < _sweepAt)
            return;
        foreach (var (key, limit) in _limits)
        {
            if (limit.More(now) == 0)
                _limits.Remove(key);
        }

        _sweepAt = Math.Max(FirstSweep, 2 * _limits.Count);
    }
}
