using System.Threading.RateLimiting;
using Shop.Redis.RateLimiting;
using Shop.Testing;
using Xunit;

namespace Shop.Redis.Tests.Examples;

public sealed class RateLimitExample(OwnRedis server) : IClassFixture<OwnRedis>
{
    [Fact]
    public async Task A_hundred_requests_a_minute_and_a_bucket_for_orders()
    {
        var redis = server.Connection;
        var shop = RedisFixture.NewPrefix();
        var ct = TestContext.Current.CancellationToken;
        var told = new List<TimeSpan>();

        // begin: README
        var limits = new RedisRateLimits(redis, shop, new RateLimitOptions { WhenAway = RateLimitFallback.Local, Replicas = 2 });
        var requests = new SlidingWindow("requests", permits: 100, window: TimeSpan.FromMinutes(1));
        var orders = new TokenBucket("orders", capacity: 5, tokens: 10, period: TimeSpan.FromMinutes(1));

        RateLimiter ada = limits.For(new RateLimit(requests, "user:ada"), new RateLimit(orders, "user:ada"));   // both, or none
        using var lease = await ada.AcquireAsync(1, ct);
        if (!lease.IsAcquired && lease.TryGetMetadata(MetadataName.RetryAfter, out var retryAfter))
            told.Add(retryAfter);
        // end: README

        Assert.True(lease.IsAcquired);
        Assert.Empty(told);
        var stand = await limits.InspectAsync([new RateLimit(requests, "user:ada"), new RateLimit(orders, "user:ada")], ct);
        Assert.Equal([99, 4], stand.Select(static limit => limit.State.Remaining));
    }
}
