using System.Threading.RateLimiting;
using Shop.Redis.RateLimiting;
using StackExchange.Redis;
using Xunit;

namespace Shop.Redis.Tests.RateLimiting;

/// <summary>What the tests of limiters share.</summary>
internal static class Limits
{
    /// <summary>Waits for Redis however busy the machine is, so that no test falls back without meaning to.</summary>
    public static readonly RateLimitOptions Patient = new() { AnswerTimeout = TimeSpan.FromMinutes(1), WhenAway = RateLimitFallback.Deny };

    public static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    public static RedisRateLimits Of(IConnectionMultiplexer redis, string prefix) => new(redis, prefix, Patient);

    public static async Task<RateLimitDecision> DecideAsync(this RateLimiter limiter, int permits = 1, CancellationToken ct = default)
    {
        using var lease = await limiter.AcquireAsync(permits, ct);
        Assert.True(lease.TryGetMetadata(RateLimitDecision.Metadata, out var decision));
        Assert.NotNull(decision);
        Assert.Equal(decision.Granted, lease.IsAcquired);
        return decision;
    }

    /// <summary>Decides in Redis.</summary>
    public static async Task<RateLimitDecision> ExactlyAsync(this RateLimiter limiter, int permits = 1)
    {
        var decision = await limiter.DecideAsync(permits, TestContext.Current.CancellationToken);
        Assert.Equal(RateLimitSource.Redis, decision.Source);
        return decision;
    }

    public static async Task<int> CountAsync(this RateLimiter limiter, int calls)
    {
        var decisions = await Task.WhenAll(Enumerable.Range(0, calls).Select(_ => limiter.ExactlyAsync()));
        return decisions.Count(static decision => decision.Granted);
    }

    public static async Task<int> RemainingAsync(this RedisRateLimits limits, RateLimitRule rule, string partition) =>
        (await limits.InspectAsync([new RateLimit(rule, partition)], TestContext.Current.CancellationToken))[0].State.Remaining;

    /// <summary>µs by the clock that decided.</summary>
    public static long Microseconds(this DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public static long Microseconds(this TimeSpan time) => time.Ticks / TimeSpan.TicksPerMicrosecond;
}
