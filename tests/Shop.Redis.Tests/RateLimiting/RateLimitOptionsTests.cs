using Shop.Redis.RateLimiting;
using Xunit;

namespace Shop.Redis.Tests.RateLimiting;

public sealed class RateLimitOptionsTests(OwnRedis server) : IClassFixture<OwnRedis>
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    public static TheoryData<RateLimitOptions, string> Wrong => new()
    {
        { new RateLimitOptions { WhenAway = (RateLimitFallback)7 }, "WhenAway is 7" },
        { new RateLimitOptions { Replicas = 0 }, "Replicas is 0" },
        { new RateLimitOptions { AnswerTimeout = TimeSpan.Zero }, "AnswerTimeout is 00:00:00" },
        { new RateLimitOptions { RetryInterval = TimeSpan.FromSeconds(-1) }, "RetryInterval is -00:00:01" },
        { new RateLimitOptions { RememberRefusals = TimeSpan.Zero }, "RememberRefusals is 00:00:00" },
    };

    public static TheoryData<Func<RateLimitRule>, string> WrongRules => new()
    {
        { static () => new FixedWindow("a policy", 1, Minute), "'a policy'" },
        { static () => new FixedWindow("", 1, Minute), "''" },
        { static () => new FixedWindow("requests", 0, Minute), "0 permits" },
        { static () => new SlidingWindow("requests", 100_001, Minute), "100001 permits" },
        { static () => new SlidingWindow("requests", 1, TimeSpan.Zero), "00:00:00" },
        { static () => new SlidingWindow("requests", 1, TimeSpan.FromDays(367)), "367.00:00:00" },
        { static () => new TokenBucket("requests", 1, 0, Minute), "0 tokens" },
        { static () => new TokenBucket("requests", 100_000_000, 1, Minute), "capacity of 100000000" },
        { static () => new FixedWindow("requests", 1, Minute) { Group = "{}" }, "'{}'" },
    };

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Wrong))]
    public void An_option_out_of_range_is_named_with_its_value(RateLimitOptions options, string named)
    {
        var exception = Assert.Throws<ArgumentException>(() => new RedisRateLimits(server.Connection, "shop:", options));
        Assert.Contains(named, exception.Message, StringComparison.Ordinal);
    }

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(WrongRules))]
    public void A_rule_out_of_range_is_named_with_its_value(Func<RateLimitRule> rule, string named)
    {
        var exception = Assert.Throws<ArgumentException>(rule);
        Assert.Contains(named, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_partition_needs_a_name() =>
        Assert.Throws<ArgumentException>(() => new RedisRateLimits(server.Connection, "shop:").For(new FixedWindow("requests", 1, Minute), ""));
}
