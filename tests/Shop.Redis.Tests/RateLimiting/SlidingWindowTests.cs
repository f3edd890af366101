using CsCheck;
using Shop.Redis.RateLimiting;
using Xunit;

namespace Shop.Redis.Tests.RateLimiting;

public abstract class SlidingWindowTests(ITestRedis server) : LimiterTests(server)
{
    private protected override RateLimitRule Rule(int permits, TimeSpan window, bool countsRejected = false) =>
        new SlidingWindow("sliding", permits, window) { CountsRejected = countsRejected };

    [Fact]
    public Task No_window_wherever_it_begins_lets_more_than_the_limit_through() =>
        Gen.Select(Gen.Int[1, 8], Gen.Int[1, 25], Gen.Int[1, 4].Array[1, 5]).SampleAsync(
            async (permits, milliseconds, clients) =>
            {
                // Each client asks for its own number of permits, as fast as it can, for five windows.
                var rule = Rule(permits, TimeSpan.FromMilliseconds(milliseconds));
                var partition = Guid.CreateVersion7().ToString();
                var decisions = (await Task.WhenAll(clients.Select(wanted => AskAsync(rule, partition, Math.Min(wanted, permits), 5000L * milliseconds)))).SelectMany(static all => all).ToArray();
                var window = rule.Window.Microseconds();

                var taken = decisions.Where(static decision => decision.Granted).SelectMany(static decision => Enumerable.Repeat(decision.At, decision.Permits)).Order().ToArray();
                for (var i = permits; i < taken.Length; i++)
                    Assert.True(taken[i] - taken[i - permits] >= window, $"{permits + 1} permits within {taken[i] - taken[i - permits]} µs; the limit is {permits} in {window} µs.");

                // And none is withheld: whoever was rejected would have been one too many.
                foreach (var rejected in decisions.Where(static decision => !decision.Granted))
                {
                    var within = taken.Count(time => time > rejected.At - window && time <= rejected.At);
                    Assert.True(within + rejected.Permits > permits, $"{rejected.Permits} permits were refused though only {within} of {permits} were taken.");
                }
            },
            iter: 15,
            threads: 1);

    [Fact]
    public async Task The_log_holds_no_more_than_the_limit()
    {
        var limiter = All.For(Rule(5, TimeSpan.FromMilliseconds(5), countsRejected: true), "ada");

        var until = (await limiter.ExactlyAsync()).At.AddMilliseconds(100);
        while ((await limiter.ExactlyAsync(2)).At < until)
            Assert.InRange(await Server.Database.ListLengthAsync($"{Prefix}limit:{{ada}}:sliding:sliding:ada"), 0, 5);
    }

    [Fact]
    public async Task A_clock_that_was_set_back_costs_one_window_at_most_and_lets_no_more_through()
    {
        var key = $"{Prefix}limit:{{ada}}:sliding:sliding:ada";
        var limiter = All.For(Rule(3, TimeSpan.FromMilliseconds(200)), "ada");
        var now = (await limiter.ExactlyAsync(0)).At.Microseconds();
        const long Hour = 3_600_000_000;
        // Taken 150, 100 and 0 ms before the clock went back.
        await Server.Database.ListRightPushAsync(key, [now + Hour, now + Hour - 100_000, now + Hour - 150_000]);

        var first = await limiter.ExactlyAsync();
        Assert.Equal((false, TimeSpan.FromMilliseconds(50)), (first.Granted, first.RetryAfter));
        Assert.NotNull(await Server.Database.KeyTimeToLiveAsync(key));
        RateLimitDecision decision;
        while (!(decision = await limiter.ExactlyAsync()).Granted)
            Assert.Equal(first.At.AddMilliseconds(50), decision.At + decision.RetryAfter);
        Assert.True(decision.At >= first.At.AddMilliseconds(50));
    }

    private async Task<List<(long At, bool Granted, int Permits)>> AskAsync(RateLimitRule rule, string partition, int permits, long microseconds)
    {
        var limiter = All.For(rule, partition);
        var asked = new List<(long At, bool Granted, int Permits)>();
        do
        {
            var decision = await limiter.ExactlyAsync(permits);
            asked.Add((decision.At.Microseconds(), decision.Granted, permits));
        }
        while (asked[^1].At - asked[0].At < microseconds);
        return asked;
    }
}

public sealed class SlidingWindowOnOneServer(OwnRedis server) : SlidingWindowTests(server), IClassFixture<OwnRedis>;

public sealed class SlidingWindowOnACluster(ClusterRedis server) : SlidingWindowTests(server);
