using System.Net;
using Aspire.Hosting.Testing;
using Shop.EmbeddedHosting.Faults;
using StackExchange.Redis;

namespace Shop.SystemTests.Faults;

/// <summary>An application of their own for the tests that break it.</summary>
[CollectionDefinition(nameof(BrokenShop))]
public sealed class BrokenShop : ICollectionFixture<ShopApp>;

/// <summary>Breaks one thing in the middle of a burst of orders, and then checks the books.</summary>
[Collection(nameof(BrokenShop))]
public sealed class FaultTests(ShopApp shop)
{
    private const int Customers = 24;
    private const int Orders = 400;

    [Theory]
    [InlineData("orders")]
    [InlineData("payments")]
    [InlineData("gaming")]
    [InlineData("notifications")]
    [InlineData("web")]
    public async Task The_books_balance_when_a_replica_is_killed_in_a_burst(string service)
    {
        var burst = new Burst(shop);
        var replica = shop.App.Replica(service);

        await burst.RunAsync(Customers, Orders, replica.KillAsync);
        await replica.WaitUntilHealthyAsync(TestContext.Current.CancellationToken);

        await AllBalanceAsync(burst);
        Assert.True(burst.Longest < TimeSpan.FromSeconds(6), $"A request hung for {burst.Longest}; refusals: {burst.Refusals}");
    }

    [Fact]
    public async Task The_grains_of_a_killed_silo_answer_elsewhere_within_five_seconds()
    {
        using var ada = shop.Shopper();
        var placed = new List<Guid>();
        for (var i = 0; i < 40; i++)
            placed.Add(await ada.PlacedAsync());
        await AllSettledAsync(ada, placed);

        await shop.App.Replica("orders", 1).KillAsync();
        var killed = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(placed.Select(async id =>
        {
            var (status, body) = await ada.GetAsync($"/api/orders/{id}");
            var took = TimeProvider.System.GetElapsedTime(killed);
            Assert.True(status == HttpStatusCode.OK && took < TimeSpan.FromSeconds(5.5), $"{(int)status} after {took}: {body}");
        }));
        await shop.App.Replica("orders", 1).WaitUntilHealthyAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Orders_are_accepted_while_redis_is_away_and_settle_when_it_is_back()
    {
        var burst = new Burst(shop);
        var redis = shop.App.Server("redis");
        using var ada = shop.Shopper("burst-ada");
        var whileAway = new List<AcceptedOrder>();

        await burst.RunAsync(Customers, Orders, async () =>
        {
            await redis.StopAsync();
            using var away = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
            for (var i = 0; i < 50; i++) // five seconds
            {
                var (status, body) = await ada.PlaceAsync();
                Assert.Equal(HttpStatusCode.Created, status);
                whileAway.Add(new AcceptedOrder(body.GetProperty("id").GetGuid(), ada.Customer, "Paid"));
                await away.WaitForNextTickAsync();
            }

            await redis.StartAsync();
        });

        await AllBalanceAsync(burst, whileAway);
        Assert.True(burst.Longest < TimeSpan.FromSeconds(6), $"A request hung for {burst.Longest}; refusals: {burst.Refusals}");
    }

    [Fact]
    public async Task The_books_balance_when_redis_is_wiped_in_a_burst_and_new_silos_can_join_afterwards()
    {
        var burst = new Burst(shop);
        var options = ConfigurationOptions.Parse((await shop.App.GetConnectionStringAsync("redis"))!);
        options.AllowAdmin = true;
        await using var redis = await ConnectionMultiplexer.ConnectAsync(options);

        await burst.RunAsync(Customers, Orders, () => redis.GetServers()[0].FlushAllDatabasesAsync());
        await AllBalanceAsync(burst);

        // A silo that starts after the wipe must find the others, and a client that starts must find silos.
        foreach (var service in new[] { "orders", "web" })
        {
            await shop.App.Replica(service).KillAsync();
            await shop.App.Replica(service).WaitUntilHealthyAsync(TestContext.Current.CancellationToken);
        }

        var second = new Burst(shop);
        await second.RunAsync(Customers, 100, () => Task.CompletedTask);
        await AllBalanceAsync(second);
    }

    [Fact]
    public async Task The_books_balance_when_redis_crashes_and_comes_back_with_less()
    {
        var burst = new Burst(shop);

        await burst.RunAsync(Customers, Orders, shop.App.Server("redis").KillAsync);

        await AllBalanceAsync(burst);
    }

    private async Task AllBalanceAsync(Burst burst, params IEnumerable<AcceptedOrder> further)
    {
        try
        {
            await Books.BalanceAsync(shop, [.. burst.Accepted, .. further]);
        }
        catch
        {
            TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', shop.App.ReadLogs().Select(static log => $"===== {log.Key}\n{log.Value}")));
            throw;
        }
    }

    private static Task AllSettledAsync(Shopper shopper, IEnumerable<Guid> orders) => Task.WhenAll(
        orders.Select(id => Eventually.BecomesAsync(() => shopper.StatusAsync(id), static status => status == "Paid", $"the order {id} to be paid")));
}
