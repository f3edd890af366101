using Shop.Redis.RateLimiting;
using Xunit;

namespace Shop.Redis.Tests.RateLimiting;

public abstract class FixedWindowTests(ITestRedis server) : LimiterTests(server)
{
    private protected override RateLimitRule Rule(int permits, TimeSpan window, bool countsRejected = false) =>
        new FixedWindow("fixed", permits, window) { CountsRejected = countsRejected };

    [Fact]
    public async Task A_window_begins_with_its_first_permit_and_ends_all_at_once()
    {
        var limiter = All.For(Rule(3, TimeSpan.FromMilliseconds(50)), "ada");
        var ends = DateTimeOffset.MinValue;
        for (var windows = 0; windows < 3;)
        {
            var decision = await limiter.ExactlyAsync();
            var limit = decision.Limits[0];
            if (decision.At < ends)
            {
                Assert.Equal(ends, decision.At + limit.NextAfter);
                continue;
            }

            Assert.Equal((true, 2, TimeSpan.FromMilliseconds(50)), (decision.Granted, limit.Remaining, limit.NextAfter));
            ends = decision.At.AddMilliseconds(50);
            windows++;
        }
    }

    [Fact]
    public async Task Twice_the_limit_can_pass_around_an_edge_as_the_documentation_says()
    {
        var key = $"{Prefix}limit:{{ada}}:fixed:fixed:ada";
        var limiter = All.For(Rule(10, Limits.Hour), "ada");
        var begun = (await limiter.ExactlyAsync()).At;
        Assert.Equal(9, await limiter.CountAsync(20));

        // The permits were taken at the very end of their window.
        var ends = (await limiter.ExactlyAsync(0)).At;
        await Server.Database.StringSetAsync(key, $"10 {ends.Microseconds()}");

        Assert.Equal(10, await limiter.CountAsync(20));
        Assert.True((await limiter.ExactlyAsync(0)).At - begun < TimeSpan.FromMinutes(10), "Twenty permits of ten an hour, within minutes.");
    }

    [Fact]
    public async Task A_clock_that_was_set_back_costs_one_window_at_most()
    {
        var rule = Rule(1, TimeSpan.FromMilliseconds(100));
        var limiter = All.For(rule, "ada");
        var now = (await limiter.ExactlyAsync(0)).At.Microseconds();
        await Server.Database.StringSetAsync($"{Prefix}limit:{{ada}}:fixed:fixed:ada", $"1 {now + 3_600_000_000}");

        var first = await limiter.ExactlyAsync();
        Assert.Equal(TimeSpan.FromMilliseconds(100), first.RetryAfter);
        RateLimitDecision decision;
        while (!(decision = await limiter.ExactlyAsync()).Granted)
            Assert.Equal(first.At + first.RetryAfter, decision.At + decision.RetryAfter);
        Assert.True(decision.At >= first.At + first.RetryAfter);
    }
}

public sealed class FixedWindowOnOneServer(OwnRedis server) : FixedWindowTests(server), IClassFixture<OwnRedis>;

public sealed class FixedWindowOnACluster(ClusterRedis server) : FixedWindowTests(server);
