using Microsoft.Extensions.Time.Testing;
using Shop.EmbeddedHosting.Servers;
using Shop.Redis.RateLimiting;
using Shop.Redis.Tests.Locks;
using Shop.Testing;
using StackExchange.Redis;
using Xunit;

namespace Shop.Redis.Tests.RateLimiting;

/// <summary>A Redis that is wiped, hangs or is gone. The clock of this process stands still unless a test moves it, so that nothing depends on the machine's speed.</summary>
public sealed class FaultTests : IAsyncLifetime
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(3);

    private readonly SlidingWindow _rule = new("requests", 10, Limits.Hour);
    private readonly FakeTimeProvider _clock = new();
    private readonly ListLogger<RedisRateLimits> _logger = new();
    private RedisServer _server = null!;
    private ConnectionMultiplexer _redis = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisFixture.StartServerAsync(persistent: false);
        var options = ConfigurationOptions.Parse(_server.ConnectionString);
        options.AllowAdmin = true;
        options.AbortOnConnectFail = false;
        options.ReconnectRetryPolicy = new LinearRetry(50);
        options.BacklogPolicy = BacklogPolicy.FailFast; // a call that was decided without Redis is not sent to it later
        _redis = await ConnectionMultiplexer.ConnectAsync(options);
    }

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_wipe_gives_all_permits_back_and_is_no_outage()
    {
        var limits = With(RateLimitFallback.Deny);
        var limiter = limits.For(_rule, "ada");
        Assert.Equal(10, await limiter.CountAsync(15));

        await _redis.GetServers()[0].FlushAllDatabasesAsync();

        Assert.Equal(10, await limiter.CountAsync(15));
        Assert.False(limits.IsFallback);
        Assert.Empty(_logger.Lines);
    }

    [Theory]
    [InlineData(RateLimitFallback.Local, RateLimitSource.Local, true)]
    [InlineData(RateLimitFallback.Allow, RateLimitSource.Allowed, true)]
    [InlineData(RateLimitFallback.Deny, RateLimitSource.Denied, false)]
    public async Task While_redis_hangs_the_fallback_decides_after_one_wait_and_redis_again_when_it_goes_on(RateLimitFallback fallback, RateLimitSource source, bool granted)
    {
        var limits = With(fallback);
        var limiter = limits.For(_rule, "ada");
        await limiter.ExactlyAsync();
        _server.Pause();
        try
        {
            var first = limiter.DecideAsync(ct: Ct);
            Assert.False(first.IsCompleted);
            _clock.Advance(AnswerTimeout);
            Assert.Equal((source, granted), Of(await first));
            Assert.True(limits.IsFallback);

            // From now on nobody waits, until it is time to ask again.
            for (var i = 0; i < 5; i++)
                Assert.Equal((source, granted), Of(await limiter.DecideAsync(ct: Ct)));
        }
        finally
        {
            _server.Resume();
        }

        _clock.Advance(RetryInterval);
        Assert.Equal((RateLimitSource.Redis, true), Of(await limiter.DecideAsync(ct: Ct)));
        Assert.False(limits.IsFallback);
        Assert.Equal([1, 2], _logger.Lines.Select(static line => line.Id.Id));
        Assert.Contains($"'{fallback}'", _logger.Lines.First().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_redis_is_gone_each_retry_costs_one_request_and_then_the_limits_hold_again()
    {
        var limits = With(RateLimitFallback.Local, replicas: 2);
        var limiter = limits.For(_rule, "ada");
        await limiter.ExactlyAsync(10);
        await _server.KillAsync();

        for (var retry = 0; retry < 3; retry++)
        {
            var asking = limiter.DecideAsync(ct: Ct);
            Assert.Equal(RateLimitSource.Local, (await limiter.DecideAsync(ct: Ct).WaitOrAdvanceAsync(_clock, AnswerTimeout)).Source);
            Assert.Equal(RateLimitSource.Local, (await asking.WaitOrAdvanceAsync(_clock, AnswerTimeout)).Source);
            _clock.Advance(RetryInterval);
        }

        await _server.StartAsync(Ct);
        var back = await Eventually.BecomesAsync(
            () =>
            {
                _clock.Advance(RetryInterval);
                return limiter.DecideAsync(0, Ct);
            },
            static decision => decision.Source == RateLimitSource.Redis,
            "Redis to decide again");
        Assert.Equal(10, back.Limits[0].Remaining); // it came back empty
        Assert.Equal(10, await limiter.CountAsync(12));
    }

    [Fact]
    public async Task The_local_limiter_takes_this_replicas_share_and_decides_together()
    {
        var limits = With(RateLimitFallback.Local, replicas: 3);
        var orders = new TokenBucket("orders", 6, 6, Limits.Hour);
        var limiter = limits.For(new RateLimit(_rule, "ada"), new RateLimit(orders, "ada"));
        await _server.KillAsync();

        var decisions = new List<RateLimitDecision>();
        for (var i = 0; i < 4; i++)
            decisions.Add(await limiter.DecideAsync(ct: Ct).WaitOrAdvanceAsync(_clock, AnswerTimeout));

        Assert.Equal([true, true, false, false], decisions.Select(static decision => decision.Granted)); // 6 / 3
        Assert.Equal([(3, 1), (2, 0)], decisions[^1].Limits.Select(static limit => (limit.Permits, limit.Remaining))); // 10 / 3, of which 2 were taken
        Assert.Equal(TimeSpan.FromMinutes(30), decisions[^1].RetryAfter); // 6 an hour / 3
        Assert.Equal(["orders"], decisions[^1].Limits.Where(static limit => limit.RetryAfter > TimeSpan.Zero).Select(static limit => limit.Rule.Policy));
    }

    [Fact]
    public async Task A_rejection_by_deny_says_when_redis_is_asked_again()
    {
        var limiter = With(RateLimitFallback.Deny).For(_rule, "ada");
        await _server.KillAsync();

        var decision = await limiter.DecideAsync(ct: Ct).WaitOrAdvanceAsync(_clock, AnswerTimeout);

        Assert.Equal((false, RetryInterval), (decision.Granted, decision.RetryAfter));
        Assert.Empty(decision.Limits);
    }

    [Fact]
    public async Task A_caller_that_gives_up_while_redis_hangs_is_let_go_at_once()
    {
        var limits = With(RateLimitFallback.Local);
        _server.Pause();
        try
        {
            using var cancel = new CancellationTokenSource();
            var asking = limits.For(_rule, "ada").AcquireAsync(1, cancel.Token).AsTask();
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        }
        finally
        {
            _server.Resume();
        }

        Assert.False(limits.IsFallback); // that a caller left says nothing of Redis
    }

    [Fact]
    public async Task A_redis_that_refuses_to_write_is_away_and_says_why()
    {
        var limits = With(RateLimitFallback.Local);
        await _redis.GetServers()[0].ConfigSetAsync("maxmemory", "1");

        Assert.Equal(RateLimitSource.Local, (await limits.For(_rule, "ada").DecideAsync(ct: Ct)).Source);

        Assert.Contains("OOM", Assert.Single(_logger.Lines).Text, StringComparison.Ordinal);
    }

    private RedisRateLimits With(RateLimitFallback fallback, int replicas = 1) =>
        new(_redis, "shop:", new RateLimitOptions { WhenAway = fallback, Replicas = replicas, AnswerTimeout = AnswerTimeout, RetryInterval = RetryInterval }, _clock, _logger);

    private static (RateLimitSource Source, bool Granted) Of(RateLimitDecision decision) => (decision.Source, decision.Granted);
}

internal static class Patience
{
    /// <summary>A call either fails by itself (the connection is known to be gone) or has to be waited out.</summary>
    public static Task<RateLimitDecision> WaitOrAdvanceAsync(this Task<RateLimitDecision> deciding, FakeTimeProvider clock, TimeSpan time)
    {
        if (!deciding.IsCompleted)
            clock.Advance(time);
        return deciding;
    }
}
