using System.Threading.RateLimiting;
using Shop.Redis.RateLimiting;
using Shop.Testing;
using Xunit;

namespace Shop.Redis.Tests.RateLimiting;

/// <summary>What <see cref="RateLimiter"/> asks of its implementations, whatever the rule.</summary>
public abstract class LeaseTests(ITestRedis server)
{
    private readonly string _prefix = RedisFixture.NewPrefix();

    private RedisRateLimits All => field ??= Limits.Of(server.Connection, _prefix);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_limit_is_decided_only_asynchronously_and_says_so()
    {
        var limiter = All.For(new FixedWindow("requests", 1, Limits.Hour), "ada");

        using var lease = limiter.AttemptAcquire();

        Assert.False(lease.IsAcquired);
        Assert.True(lease.TryGetMetadata(MetadataName.ReasonPhrase, out var reason));
        Assert.Contains("AcquireAsync", reason, StringComparison.Ordinal);
        Assert.Equal(1, await All.RemainingAsync(new FixedWindow("requests", 1, Limits.Hour), "ada"));
    }

    [Fact]
    public async Task A_rejected_lease_says_when_to_come_back_and_a_granted_one_does_not()
    {
        var limiter = All.For(new FixedWindow("requests", 1, Limits.Hour), "ada");
        using var granted = await limiter.AcquireAsync(cancellationToken: Ct);
        using var rejected = await limiter.AcquireAsync(cancellationToken: Ct);

        Assert.False(granted.TryGetMetadata(MetadataName.RetryAfter, out _));
        Assert.Equal([RateLimitDecision.Metadata.Name], granted.MetadataNames);
        Assert.True(rejected.TryGetMetadata(MetadataName.RetryAfter, out var retryAfter));
        Assert.True(rejected.TryGetMetadata(RateLimitDecision.Metadata, out var decision));
        Assert.Equal(decision!.RetryAfter, retryAfter);
        Assert.Equal([RateLimitDecision.Metadata.Name, MetadataName.RetryAfter.Name], rejected.MetadataNames);
    }

    [Fact]
    public async Task A_limiter_counts_its_own_decisions_and_tells_when_it_is_idle()
    {
        var limiter = All.For(new FixedWindow("requests", 2, Limits.Hour), "ada");
        Assert.Equal(2, limiter.GetStatistics().CurrentAvailablePermits);

        for (var i = 0; i < 5; i++)
            await limiter.ExactlyAsync();

        var statistics = limiter.GetStatistics();
        Assert.Equal((0, 0, 2, 3), (statistics.CurrentAvailablePermits, statistics.CurrentQueuedCount, statistics.TotalSuccessfulLeases, statistics.TotalFailedLeases));
        Assert.NotNull(limiter.IdleDuration);
    }

    [Fact]
    public async Task A_disposed_limiter_refuses_to_decide()
    {
        var limiter = All.For(new FixedWindow("requests", 1, Limits.Hour), "ada");

        await limiter.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => limiter.AcquireAsync(cancellationToken: Ct).AsTask());
        Assert.Throws<ObjectDisposedException>(() => limiter.AttemptAcquire());
    }

    [Fact]
    public async Task A_call_that_is_cancelled_beforehand_takes_nothing()
    {
        var limiter = All.For(new FixedWindow("requests", 1, Limits.Hour), "ada");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => limiter.AcquireAsync(1, new CancellationToken(canceled: true)).AsTask());

        Assert.Equal(1, await All.RemainingAsync(new FixedWindow("requests", 1, Limits.Hour), "ada"));
    }
}

public sealed class LeasesOnOneServer(OwnRedis server) : LeaseTests(server), IClassFixture<OwnRedis>;

public sealed class LeasesOnACluster(ClusterRedis server) : LeaseTests(server);
