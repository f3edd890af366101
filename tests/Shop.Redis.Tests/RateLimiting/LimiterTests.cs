using CsCheck;
using Shop.Redis.RateLimiting;
using Shop.Testing;
using Xunit;

namespace Shop.Redis.Tests.RateLimiting;

/// <summary>What every kind of limiter promises.</summary>
public abstract class LimiterTests(ITestRedis server)
{
    private readonly string _prefix = RedisFixture.NewPrefix();

    private protected ITestRedis Server => server;

    private protected string Prefix => _prefix;

    private protected RedisRateLimits All => field ??= Limits.Of(server.Connection, _prefix);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>A rule of the kind under test, of which all permits are back after the window.</summary>
    private protected abstract RateLimitRule Rule(int permits, TimeSpan window, bool countsRejected = false);

    [Fact]
    public async Task As_many_permits_as_there_are_are_granted_and_no_more()
    {
        var limiter = All.For(Rule(5, Limits.Hour), "ada");

        var decisions = new List<RateLimitDecision>();
        for (var i = 0; i < 7; i++)
            decisions.Add(await limiter.ExactlyAsync());

        Assert.Equal([true, true, true, true, true, false, false], decisions.Select(static decision => decision.Granted));
        Assert.Equal([4, 3, 2, 1, 0, 0, 0], decisions.Select(static decision => decision.Limits[0].Remaining));
        Assert.All(decisions.Take(5), static decision => Assert.Equal(TimeSpan.Zero, decision.RetryAfter));
        Assert.All(decisions.Skip(5), static decision => Assert.InRange(decision.RetryAfter, TimeSpan.FromMinutes(10), Limits.Hour));
    }

    [Fact]
    public async Task N_permits_are_N_permits_whoever_asks_at_the_same_time()
    {
        var connections = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => server.ConnectAsync()));
        var rule = Rule(100, Limits.Hour);

        var granted = await Task.WhenAll(connections.Select(connection => Task.Run(() => Limits.Of(connection, _prefix).For(rule, "ada").CountAsync(60), Ct)));

        Assert.Equal(100, granted.Sum());
        foreach (var connection in connections)
            await connection.DisposeAsync();
    }

    [Fact]
    public async Task Several_permits_are_had_together_or_not_at_all()
    {
        var limiter = All.For(Rule(5, Limits.Hour), "ada");

        Assert.True((await limiter.ExactlyAsync(3)).Granted);
        Assert.False((await limiter.ExactlyAsync(3)).Granted);
        Assert.True((await limiter.ExactlyAsync(2)).Granted);
        Assert.False((await limiter.ExactlyAsync()).Granted);
    }

    [Fact]
    public async Task Partitions_have_permits_of_their_own_and_objects_for_the_same_partition_share_them()
    {
        var rule = Rule(1, Limits.Hour);

        Assert.True((await All.For(rule, "ada").ExactlyAsync()).Granted);
        Assert.False((await All.For(rule, "ada").ExactlyAsync()).Granted);
        Assert.True((await All.For(rule, "bob").ExactlyAsync()).Granted);
        Assert.True((await All.For(rule, "a partition {with} anything in it\n").ExactlyAsync()).Granted);
        Assert.False((await All.For(rule, "a partition {with} anything in it\n").ExactlyAsync()).Granted);
    }

    [Fact]
    public async Task Waiting_as_long_as_a_rejection_says_succeeds_and_not_a_microsecond_less()
    {
        var limiter = All.For(Rule(3, TimeSpan.FromMilliseconds(60)), "ada");
        for (var round = 0; round < 5; round++)
        {
            RateLimitDecision decision;
            do
            {
                decision = await limiter.ExactlyAsync();
            }
            while (decision.Granted);

            // Ask as often as can be: every answer names the same moment, and the first one after it is a grant.
            var due = decision.At + decision.RetryAfter;
            Assert.True(decision.RetryAfter > TimeSpan.Zero);
            while (!(decision = await limiter.ExactlyAsync()).Granted)
            {
                Assert.True(decision.At < due, $"Rejected at {decision.At:O}, after the promised {due:O}.");
                Assert.Equal(due, decision.At + decision.RetryAfter);
            }

            Assert.True(decision.At >= due, $"Granted at {decision.At:O}, before the promised {due:O}.");
        }
    }

    [Fact]
    public Task Every_decision_is_what_a_plain_model_of_the_rule_decides() =>
        Gen.Select(Gen.Int[1, 6], Gen.Int[2, 15], Gen.Bool, Gen.Int[0, 4].Array[20]).SampleAsync(
            async (permits, milliseconds, countsRejected, wanted) =>
            {
                var rule = Rule(permits, TimeSpan.FromMilliseconds(milliseconds), countsRejected);
                var limiter = All.For(rule, Guid.CreateVersion7().ToString());
                var model = rule.Share(1);
                var until = long.MaxValue;
                for (var i = 0; ; i++)
                {
                    var n = Math.Min(wanted[i % wanted.Length], permits);
                    var decision = await limiter.ExactlyAsync(n);
                    var now = decision.At.Microseconds();
                    var granted = model.Wait(now, Math.Max(n, 1)) == 0;
                    if (granted || countsRejected)
                        Take(model, now, n);
                    Assert.Equal(
                        (granted, model.Free(now), model.More(now), granted ? 0 : model.Wait(now, Math.Max(n, 1))),
                        (decision.Granted, decision.Limits[0].Remaining, decision.Limits[0].NextAfter.Microseconds(), decision.RetryAfter.Microseconds()));
                    until = i == 0 ? now + (3000L * milliseconds) : until;
                    if (now > until)
                        break;
                }
            },
            iter: 12,
            threads: 1);

    [Fact]
    public async Task Rejected_requests_take_nothing_unless_the_rule_counts_them()
    {
        var lenient = Rule(3, Limits.Hour);
        var strict = Rule(3, Limits.Hour, countsRejected: true);
        Assert.True((await All.For(lenient, "ada").ExactlyAsync(2)).Granted);
        Assert.True((await All.For(strict, "bob").ExactlyAsync(2)).Granted);

        Assert.False((await All.For(lenient, "ada").ExactlyAsync(2)).Granted);
        Assert.False((await All.For(strict, "bob").ExactlyAsync(2)).Granted);

        Assert.Equal(1, await All.RemainingAsync(lenient, "ada"));
        Assert.Equal(0, await All.RemainingAsync(strict, "bob"));
    }

    [Fact]
    public async Task No_permits_ask_whether_there_is_one_and_take_none()
    {
        var rule = Rule(1, Limits.Hour, countsRejected: true);
        var limiter = All.For(rule, "ada");

        Assert.True((await limiter.ExactlyAsync(0)).Granted);
        Assert.True((await limiter.ExactlyAsync(1)).Granted);
        var none = await limiter.ExactlyAsync(0);

        Assert.False(none.Granted);
        Assert.True(none.RetryAfter > TimeSpan.Zero);
        Assert.Equal(0, (await All.InspectAsync([new RateLimit(rule, "ada")], Ct))[0].Refused);
    }

    [Fact]
    public async Task More_permits_than_there_ever_are_is_an_error()
    {
        var limiter = All.For(Rule(5, Limits.Hour), "ada");

        var error = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => limiter.AcquireAsync(6, Ct).AsTask());

        Assert.Contains("at most 5", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => limiter.AttemptAcquire(6));
        Assert.Equal(5, await All.RemainingAsync(Rule(5, Limits.Hour), "ada"));
    }

    [Fact]
    public async Task A_rule_with_other_numbers_goes_on_with_what_was_taken()
    {
        Assert.Equal(6, await All.For(Rule(6, Limits.Hour), "ada").CountAsync(6));

        Assert.False((await All.For(Rule(4, Limits.Hour), "ada").ExactlyAsync()).Granted);
        Assert.Equal(0, await All.RemainingAsync(Rule(4, Limits.Hour), "ada"));
    }

    [Fact]
    public async Task Every_key_expires()
    {
        var limiter = All.For(Rule(2, Limits.Hour), "ada");
        await limiter.CountAsync(4);

        var keys = server.Connection.GetServers().SelectMany(node => node.Keys(pattern: $"{_prefix}*")).ToArray();

        Assert.Equal(2, keys.Length);
        foreach (var key in keys)
            Assert.InRange((await server.Database.KeyTimeToLiveAsync(key))!.Value, TimeSpan.FromSeconds(1), Limits.Hour + TimeSpan.FromSeconds(1));
    }

    private static void Take(LocalLimit model, long now, int permits)
    {
        if (permits > 0)
            model.Take(now, permits);
    }
}
