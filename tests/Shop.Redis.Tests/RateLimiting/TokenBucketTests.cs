using Shop.Redis.RateLimiting;
using Xunit;

namespace Shop.Redis.Tests.RateLimiting;

public abstract class TokenBucketTests(ITestRedis server) : LimiterTests(server)
{
    private protected override RateLimitRule Rule(int permits, TimeSpan window, bool countsRejected = false) =>
        new TokenBucket("bucket", permits, tokens: permits, window) { CountsRejected = countsRejected };

    [Fact]
    public async Task After_a_burst_permits_come_back_evenly_and_no_rate_is_rounded()
    {
        // Seven in 50 ms: one every 7142.857… µs.
        var limiter = All.For(new TokenBucket("bucket", capacity: 3, tokens: 7, TimeSpan.FromMilliseconds(50)), "ada");
        var times = new List<long>();
        while (times.Count < 40)
        {
            var decision = await limiter.ExactlyAsync();
            if (decision.Granted)
                times.Add(decision.At.Microseconds());
        }

        for (var first = 0; first < times.Count; first++)
        {
            for (var last = first; last < times.Count; last++)
            {
                var brought = (times[last] - times[first]) * 7L / 50_000;
                Assert.True(last - first + 1 <= 3 + brought, $"{last - first + 1} permits within {times[last] - times[first]} µs.");
            }
        }
    }

    [Fact]
    public async Task Each_permit_is_due_to_the_microsecond_however_crooked_the_rate()
    {
        // Full at first, then emptied at one moment: the n-th permit is due n thirds of 100 ms later, rounded up once and not n times.
        var rule = new TokenBucket("bucket", capacity: 5, tokens: 3, TimeSpan.FromMilliseconds(100));
        var limiter = All.For(rule, "ada");
        var emptied = (await limiter.ExactlyAsync(5)).At;
        long[] due = [33_334, 66_667, 100_000, 133_334, 166_667];
        for (var permits = 1; permits <= 5; permits++)
        {
            var decision = await limiter.ExactlyAsync(permits);
            if (!decision.Granted)
                Assert.Equal(emptied.AddMicroseconds(due[permits - 1]), decision.At + decision.RetryAfter);
            else
                return; // the machine was so slow that permits came back: what was checked until here holds
        }
    }

    [Fact]
    public async Task A_clock_that_was_set_back_costs_one_filling_at_most()
    {
        var limiter = All.For(Rule(2, TimeSpan.FromMilliseconds(100)), "ada");
        var now = (await limiter.ExactlyAsync(0)).At.Microseconds();
        await Server.Database.StringSetAsync($"{Prefix}limit:{{ada}}:bucket:bucket:ada", $"{now + 3_600_000_000} 0");

        var first = await limiter.ExactlyAsync();
        Assert.Equal(TimeSpan.FromMilliseconds(50), first.RetryAfter);
        RateLimitDecision decision;
        while (!(decision = await limiter.ExactlyAsync()).Granted)
            Assert.Equal(first.At.AddMilliseconds(50), decision.At + decision.RetryAfter);
        Assert.True(decision.At >= first.At.AddMilliseconds(50));
    }
}

public sealed class TokenBucketOnOneServer(OwnRedis server) : TokenBucketTests(server), IClassFixture<OwnRedis>;

public sealed class TokenBucketOnACluster(ClusterRedis server) : TokenBucketTests(server);
