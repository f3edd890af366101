using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Shop.Redis.RateLimiting;
using Shop.Testing;
using Xunit;

namespace Shop.Redis.Tests.RateLimiting;

/// <summary>The limits in memory, which decide while Redis is away and which the scripts are compared with: against their definitions.</summary>
public sealed class LocalLimitTests
{
    // Permits, window in µs, and calls: pause since the last one in µs, permits wanted.
    private static readonly Gen<(int Permits, int Window, (int Pause, int Wanted)[] Calls)> Runs =
        Gen.Select(Gen.Int[1, 8], Gen.Int[1, 40], Gen.Select(Gen.Int[0, 15], Gen.Int[1, 8]).Array[1, 60]);

    [Fact]
    public void A_sliding_window_grants_exactly_what_no_window_has_too_many_of() =>
        Runs.Sample(static (permits, window, calls) =>
        {
            var limit = new LocalSlidingWindow(permits, TimeSpan.FromMicroseconds(window));
            var taken = new List<long>();
            foreach (var (now, wanted) in Timed(calls, permits))
            {
                var within = taken.Count(time => time > now - window);
                Assert.Equal(permits - within, limit.Free(now));
                var wait = limit.Wait(now, wanted);
                Assert.Equal(within + wanted <= permits, wait == 0);
                // Exact: then there is room, and a microsecond before there is not.
                Assert.True(taken.Count(time => time > now + wait - window) + wanted <= permits);
                Assert.True(wait == 0 || taken.Count(time => time > now + wait - 1 - window) + wanted > permits);
                if (wait > 0)
                    continue;
                limit.Take(now, wanted);
                taken.AddRange(Enumerable.Repeat(now, wanted));
            }
        });

    [Fact]
    public void A_token_bucket_is_full_at_first_and_gains_what_the_time_brings() =>
        Gen.Select(Runs, Gen.Int[1, 9]).Sample(static (run, tokens) =>
        {
            var (permits, period, calls) = run;
            var limit = new LocalTokenBucket(permits, tokens, TimeSpan.FromMicroseconds(period));
            long level = permits * period, last = 0; // in parts: a permit is `period`
            foreach (var (now, wanted) in Timed(calls, permits))
            {
                level = Math.Min(permits * period, level + ((now - last) * tokens));
                last = now;
                Assert.Equal(level / period, limit.Free(now));
                var wait = limit.Wait(now, wanted);
                Assert.Equal(level >= wanted * period, wait == 0);
                Assert.True(level + (wait * tokens) >= wanted * period);
                Assert.True(wait == 0 || level + ((wait - 1) * tokens) < wanted * period);
                if (wait > 0)
                    continue;
                limit.Take(now, wanted);
                level -= wanted * period;
            }
        });

    [Fact]
    public void A_fixed_window_begins_with_a_permit_and_forgets_all_at_its_end() =>
        Runs.Sample(static (permits, window, calls) =>
        {
            var limit = new LocalFixedWindow(permits, TimeSpan.FromMicroseconds(window));
            long? begun = null;
            var taken = 0;
            foreach (var (now, wanted) in Timed(calls, permits))
            {
                if (begun + window <= now)
                    (begun, taken) = (null, 0);
                Assert.Equal(permits - taken, limit.Free(now));
                var wait = limit.Wait(now, wanted);
                Assert.Equal(taken + wanted <= permits ? 0 : begun!.Value + window - now, wait);
                if (wait > 0)
                    continue;
                begun ??= now;
                limit.Take(now, wanted);
                taken += wanted;
            }
        });

    [Fact]
    public void What_nothing_is_taken_of_any_more_is_forgotten()
    {
        var clock = new FakeTimeProvider();
        var local = new LocalLimits(replicas: 1, clock);
        var keys = new RateLimitKeys("shop:");
        RateLimitCall Call(int user) => new([new RateLimit(new FixedWindow("requests", 1, TimeSpan.FromMinutes(1)), $"user-{user}")], keys, Limits.Hour);

        for (var user = 0; user < 5000; user++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            Assert.True(local.Decide(Call(user), 1).Granted);
            Assert.False(local.Decide(Call(user), 1).Granted);
        }

        Assert.InRange(local.Count, 60, 1024);
    }

    [Fact]
    public async Task A_call_for_more_than_the_share_takes_all_of_it()
    {
        var down = await RedisFixture.StartServerAsync(persistent: false);
        await using var redis = await RedisFixture.ConnectAsync(down);
        await down.DisposeAsync();
        var options = new RateLimitOptions { Replicas = 4, AnswerTimeout = TimeSpan.FromMilliseconds(1), RetryInterval = Limits.Hour };
        var limiter = new RedisRateLimits(redis, "shop:", options).For(new FixedWindow("requests", 100, Limits.Hour), "ada");

        Assert.True((await limiter.DecideAsync(60)).Granted);
        Assert.False((await limiter.DecideAsync()).Granted);
    }

    private static IEnumerable<(long Now, int Wanted)> Timed((int Pause, int Wanted)[] calls, int permits)
    {
        var now = 0L;
        foreach (var (pause, wanted) in calls)
            yield return (now += pause, Math.Min(wanted, permits));
    }
}
