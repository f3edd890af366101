using System.Text.Json;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Shop.Contracts;
using Shop.Contracts.Orders;
using Shop.Messaging;
using Shop.Orders.Catalogue;
using Shop.Orders.Checkout;
using Shop.Orders.Fulfilment;
using Shop.Redis.Caching;
using Shop.Testing;
using Shop.Tests.Messaging;
using StackExchange.Redis;
using Xunit;

namespace Shop.Tests.Orders;

/// <summary>Whatever changes a product's stock or price says so, with the transaction that changes it, and to the caches.</summary>
public sealed class CatalogueChangesTests(Servers servers)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Orders_that_are_committed_together_announce_their_products_once()
    {
        await using var sandbox = await OrdersSandbox.CreateAsync(servers.Postgres, servers.Redis.Connection);
        var placement = sandbox.Get<OrderPlacement>();

        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => placement.PlaceAsync(OrdersSandbox.Placement($"c{i}", sku: i % 2 == 0 ? "MUG-RD" : "MUG-PG"), Ct)));

        var changes = await ChangesAsync(sandbox);
        Assert.Equal(await TransactionsAsync(sandbox), changes.Length);
        Assert.True(changes.Length < 50, $"{changes.Length} changes for 50 orders");
        Assert.Equal(["MUG-PG", "MUG-RD"], changes.SelectMany(static change => change.Skus).Distinct().Order());
        Assert.All(changes, static change => Assert.Equal(change.Skus.Distinct(), change.Skus));
    }

    [Theory]
    [InlineData(OrderStatus.Declined, 2)]
    [InlineData(OrderStatus.Cancelled, 2)]
    [InlineData(OrderStatus.Paid, 1)]
    public async Task An_order_that_gives_its_stock_back_announces_it_and_no_other_move_does(OrderStatus to, int changes)
    {
        await using var sandbox = await OrdersSandbox.CreateAsync(servers.Postgres, servers.Redis.Connection);
        var placement = OrdersSandbox.Placement(sku: "MUG-RD");
        await sandbox.Get<OrderPlacement>().PlaceAsync(placement, Ct);

        await sandbox.Get<OrderMoves>().MoveAsync(new OrderMove(placement.OrderId, to, "because"), Ct);
        await sandbox.Get<OrderMoves>().MoveAsync(new OrderMove(placement.OrderId, to, "because"), Ct);

        Assert.Equal(Enumerable.Repeat("MUG-RD", changes), (await ChangesAsync(sandbox)).SelectMany(static change => change.Skus));
    }

    [Fact]
    public async Task An_order_that_is_refused_or_repeated_announces_nothing()
    {
        await using var sandbox = await OrdersSandbox.CreateAsync(servers.Postgres, servers.Redis.Connection);
        var placement = OrdersSandbox.Placement(key: "k");
        await sandbox.Get<OrderPlacement>().PlaceAsync(placement, Ct);

        await sandbox.Get<OrderPlacement>().PlaceAsync(OrdersSandbox.Placement(key: "k"), Ct);
        await sandbox.Get<OrderPlacement>().PlaceAsync(OrdersSandbox.Placement(sku: "LTD-01", quantity: 99), Ct);

        Assert.Single(await ChangesAsync(sandbox));
    }

    [Fact]
    public async Task A_price_change_counts_for_new_orders_and_a_repeat_changes_nothing()
    {
        await using var sandbox = await OrdersSandbox.CreateAsync(servers.Postgres, servers.Redis.Connection);
        var catalogue = sandbox.Get<CatalogueStore>();
        var before = await sandbox.Get<OrderPlacement>().PlaceAsync(OrdersSandbox.Placement(sku: "MUG-RD"), Ct);

        var changed = await catalogue.ChangePriceAsync("MUG-RD", Money.Of(11.5m), Ct);
        var again = await catalogue.ChangePriceAsync("MUG-RD", Money.Of(11.50m), Ct);

        Assert.Equal((11.5m, 11.5m), (changed!.Price.Amount, again!.Price.Amount));
        Assert.Null(await catalogue.ChangePriceAsync("NOPE", Money.Of(1), Ct));
        await Assert.ThrowsAsync<ArgumentException>(() => catalogue.ChangePriceAsync("MUG-RD", Money.Of(-1), Ct));
        await Assert.ThrowsAsync<ArgumentException>(() => catalogue.ChangePriceAsync("MUG-RD", new Money(1, "USD"), Ct));
        var after = await sandbox.Get<OrderPlacement>().PlaceAsync(OrdersSandbox.Placement(sku: "MUG-RD"), Ct);
        Assert.Equal((12.90m, 11.50m), (before.Order!.Total.Amount, after.Order!.Total.Amount));
        Assert.Equal(3, (await ChangesAsync(sandbox)).Length); // two orders and one change of price
    }

    [Fact]
    public async Task A_change_reaches_the_caches_right_after_its_commit()
    {
        await using var sandbox = await OrdersSandbox.CreateAsync(servers.Postgres, servers.Redis.Connection);
        await using var cache = new RedisHybridCache(servers.Redis.Connection, sandbox.Prefix);
        Assert.Equal(await sandbox.StockAsync("MUG-RD"), await CachedStockAsync(cache, sandbox));
        Assert.Equal(await sandbox.StockAsync("MUG-RD"), await CachedListAsync(cache, sandbox));

        await sandbox.Get<OrderPlacement>().PlaceAsync(OrdersSandbox.Placement(sku: "MUG-RD", quantity: 3), Ct);

        // The sandbox has no relay: nothing but what follows the commit can bring it.
        var stock = await sandbox.StockAsync("MUG-RD");
        await Eventually.TrueAsync(async () => await CachedStockAsync(cache, sandbox) == stock && await CachedListAsync(cache, sandbox) == stock, "the new stock in the cache");
    }

    [Fact]
    public async Task A_change_whose_process_died_after_the_commit_reaches_the_caches_by_its_event()
    {
        await using var sandbox = await OrdersSandbox.CreateAsync(servers.Postgres, servers.Redis.Connection);
        await using var cache = new RedisHybridCache(servers.Redis.Connection, sandbox.Prefix);
        // A process whose way to the caches leads nowhere: it commits, and says nothing.
        await using var mute = sandbox.Replica(static (services, _) => OrdersSandbox.Register(services, "nowhere:"));
        Assert.Equal(await sandbox.StockAsync("MUG-RD"), await CachedStockAsync(cache, sandbox));
        await mute.Get<OrderPlacement>().PlaceAsync(OrdersSandbox.Placement(sku: "MUG-RD", quantity: 3), Ct);

        await using var living = await MessagingHost.StartAsync(
            servers,
            services => services
                .AddSingleton(_ => new CacheInvalidator(servers.Redis.Connection, sandbox.Prefix))
                .AddSingleton<CatalogueChanges>()
                .AddStreamEndpoint("orders", Streams.Catalogue, static endpoint => endpoint.Consumer<InvalidateCatalogue>()),
            outbox => outbox.Events(EventsJson.Default),
            sandbox.ConnectionString, sandbox.Prefix, sweepAfterSeconds: 1);

        var stock = await sandbox.StockAsync("MUG-RD");
        await Eventually.TrueAsync(async () => await CachedStockAsync(cache, sandbox) == stock, "the new stock in the cache");
    }

    [Fact]
    public async Task Orders_are_placed_while_Redis_is_away_and_their_changes_follow()
    {
        await using var server = await RedisFixture.StartServerAsync(persistent: false);
        await using var redis = await RedisFixture.ConnectAsync(server);
        await using var sandbox = await OrdersSandbox.CreateAsync(servers.Postgres, redis);
        await using var cache = new RedisHybridCache(redis, sandbox.Prefix);
        await CachedStockAsync(cache, sandbox);
        await server.KillAsync();

        var placed = await sandbox.Get<OrderPlacement>().PlaceAsync(OrdersSandbox.Placement(sku: "MUG-RD", quantity: 3), Ct).WaitAsync(TimeSpan.FromSeconds(30), Ct);

        Assert.Equal(PlaceOrderOutcome.Placed, placed.Outcome);
        await server.StartAsync(Ct);
        var change = Assert.Single(await ChangesAsync(sandbox));
        await Eventually.TrueAsync(
            async () => (await redis.GetDatabase().StringGetAsync($"{sandbox.Prefix}cache:{{{CatalogueCache.Product("MUG-RD")}}}:gen")).ToString().EndsWith(change.ChangeId.ToString("N"), StringComparison.Ordinal),
            "the change in Redis");
        Assert.Equal(await sandbox.StockAsync("MUG-RD"), await CachedStockAsync(cache, sandbox));
    }

    private static ValueTask<int> CachedStockAsync(RedisHybridCache cache, ServiceSandbox sandbox) =>
        cache.GetOrCreateAsync(CatalogueCache.Product("MUG-RD"), async _ => await sandbox.StockAsync("MUG-RD"));

    private static ValueTask<int> CachedListAsync(RedisHybridCache cache, ServiceSandbox sandbox) =>
        cache.GetOrCreateAsync(CatalogueCache.Page("all", 1), async _ => await sandbox.StockAsync("MUG-RD"), tags: [CatalogueCache.Lists]);

    private static async Task<CatalogueChanged[]> ChangesAsync(ServiceSandbox sandbox)
    {
        await using var connection = await sandbox.Database.OpenConnectionAsync();
        var rows = await connection.QueryAsync<string>("SELECT data FROM outbox WHERE stream = 'catalogue' ORDER BY position");
        return [.. rows.Select(static row => JsonSerializer.Deserialize(row, EventsJson.Default.CatalogueChanged)!)];
    }

    /// <summary>How many transactions wrote orders.</summary>
    private static async Task<long> TransactionsAsync(ServiceSandbox sandbox)
    {
        await using var connection = await sandbox.Database.OpenConnectionAsync();
        return await connection.QuerySingleAsync<long>("SELECT count(DISTINCT xmin::text) FROM orders");
    }
}
