using System.Globalization;
using Shop.Redis.RateLimiting;
using Shop.Testing;
using StackExchange.Redis;
using StackExchange.Redis.Profiling;
using Xunit;

namespace Shop.Redis.Tests.RateLimiting;

/// <summary>What a decision costs. The connection counts what it sends: in the server's statistics the commands within a script look the same as those of clients.</summary>
public sealed class CostTests
{
    private static readonly FixedWindow Fixed = new("fixed", 2, Limits.Hour) { Group = "all" };
    private static readonly SlidingWindow Sliding = new("sliding", 2, Limits.Hour) { Group = "all" };
    private static readonly TokenBucket Bucket = new("bucket", 2, tokens: 2, Limits.Hour) { Group = "all" };

    public static TheoryData<RateLimitRule[]> Rules => new(new RateLimitRule[][] { [Fixed], [Sliding], [Bucket], [Fixed, Sliding, Bucket] });

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Rules))]
    public async Task A_decision_is_one_call_granted_or_rejected_about_one_limit_or_several(RateLimitRule[] rules)
    {
        await using var server = await RedisFixture.StartServerAsync(persistent: false);
        await using var redis = await RedisFixture.ConnectAsync(server);
        var limits = Limits.Of(redis, "shop:");
        await Of(limits, rules, "warm").ExactlyAsync(); // the server has the script
        var limiter = Of(limits, rules, "ada");
        var sent = new ProfilingSession();
        redis.RegisterProfiler(() => sent);

        var granted = await limiter.CountAsync(3);

        Assert.Equal(2, granted);
        Assert.Equal(["EVALSHA", "EVALSHA", "EVALSHA"], sent.FinishProfiling().Select(static command => command.Command));
    }

    [Fact]
    public async Task A_long_sliding_window_is_read_where_it_ends()
    {
        const int Inside = 1_000, Left = 3;
        await using var server = await RedisFixture.StartServerAsync(persistent: false);
        await using var redis = await RedisFixture.ConnectAsync(server);
        var now = TimeProvider.System.GetUtcNow();
        var times = Enumerable.Range(1, Inside).Select(i => now.AddMilliseconds(-i)).Concat(Enumerable.Range(1, Left).Select(i => now - (2 * Limits.Hour) - TimeSpan.FromSeconds(i)));
        await redis.GetDatabase().ListRightPushAsync("shop:limit:{ada}:sliding:long:ada", [.. times.Select(static time => (RedisValue)((time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond))]);
        var limiter = Limits.Of(redis, "shop:").For(new SlidingWindow("long", 2 * Inside, Limits.Hour), "ada");

        var decision = await limiter.ExactlyAsync();

        Assert.Equal((2 * Inside) - Inside - 1, Assert.Single(decision.Limits).Remaining);
        var read = (await redis.GetServers()[0].InfoAsync("commandstats")).SelectMany(static group => group).Single(static line => line.Key == "cmdstat_lindex").Value;
        Assert.InRange(int.Parse(read.AsSpan("calls=".Length, read.IndexOf(',', StringComparison.Ordinal) - "calls=".Length), CultureInfo.InvariantCulture), 1, 8); // halving alone takes 13
    }

    private static System.Threading.RateLimiting.RateLimiter Of(RedisRateLimits limits, RateLimitRule[] rules, string partition) =>
        limits.For([.. rules.Select(rule => new RateLimit(rule, partition))]);
}
