using Shop.Redis.Caching;
using Shop.Testing;
using Xunit;

namespace Shop.Redis.Tests.Examples;

public sealed class CacheExample(OwnRedis server) : IClassFixture<OwnRedis>
{
    [Fact]
    public async Task A_price_changes_and_every_replica_shows_it()
    {
        var redis = server.Connection;
        var shop = RedisFixture.NewPrefix();
        var ct = TestContext.Current.CancellationToken;
        var price = 12.90m;
        ValueTask<decimal> LoadPriceAsync(CancellationToken _) => ValueTask.FromResult(price);

        // begin: README
        await using var cache = new RedisHybridCache(redis, shop);
        var shown = await cache.GetOrCreateAsync("product:MUG-RD", LoadPriceAsync, tags: ["products"], cancellationToken: ct);

        // Elsewhere, in the service that owns the prices, after its transaction has committed:
        await using var changed = new CacheInvalidator(redis, shop);
        price = 11.50m;
        await changed.InvalidateAsync(new CacheInvalidation { Keys = ["product:MUG-RD"], Tags = ["lists"] }, ct);
        // end: README

        Assert.Equal(12.90m, shown);
        await Eventually.TrueAsync(async () => await cache.GetOrCreateAsync("product:MUG-RD", LoadPriceAsync, tags: ["products"], cancellationToken: ct) == 11.50m, "the new price");
    }
}
