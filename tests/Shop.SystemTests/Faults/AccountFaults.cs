using System.Net;
using Aspire.Hosting.Testing;
using Shop.EmbeddedHosting.Faults;
using StackExchange.Redis;

namespace Shop.SystemTests.Faults;

/// <summary>Nobody is signed out by what breaks.</summary>
[Collection(nameof(BrokenShop))]
public sealed class AccountFaults(ShopApp shop)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nobody_is_signed_out_when_redis_is_wiped()
    {
        using var ada = await SignedUpAsync();
        var options = ConfigurationOptions.Parse((await shop.App.GetConnectionStringAsync("redis"))!);
        options.AllowAdmin = true;
        await using var redis = await ConnectionMultiplexer.ConnectAsync(options);

        await redis.GetServers()[0].FlushAllDatabasesAsync();

        await StaysSignedInAsync(ada);
    }

    [Fact]
    public async Task Nobody_is_signed_out_when_a_replica_is_killed_and_started_again()
    {
        using var ada = await SignedUpAsync();

        foreach (var replica in shop.App.Replicas("web"))
        {
            await replica.KillAsync();
            await StaysSignedInAsync(ada);
            await replica.WaitUntilHealthyAsync(Cancelled);
            using var there = shop.Shopper(ada.Customer, replica.Address);
            await StaysSignedInAsync(there);
        }
    }

    [Fact]
    public async Task People_stay_signed_in_and_sign_in_and_out_while_redis_is_away()
    {
        using var ada = await SignedUpAsync();
        var redis = shop.App.Server("redis");
        await redis.StopAsync();
        try
        {
            await StaysSignedInAsync(ada);
            using var elsewhere = shop.Elsewhere(ada);
            await StaysSignedInAsync(elsewhere);
            Assert.Equal(HttpStatusCode.NoContent, (await elsewhere.CallAsync(HttpMethod.Delete, "/api/session", cancellationToken: Cancelled)).Status);
            Assert.Equal(HttpStatusCode.Unauthorized, (await elsewhere.GetAsync("/api/session", Cancelled)).Status);
        }
        finally
        {
            await redis.StartAsync(Cancelled);
        }

        await StaysSignedInAsync(ada);
    }

    private async Task<Shopper> SignedUpAsync()
    {
        var ada = shop.Shopper();
        await ada.SignUpAsync(Cancelled);
        await StaysSignedInAsync(ada);
        return ada;
    }

    private static async Task StaysSignedInAsync(Shopper shopper)
    {
        for (var i = 0; i < 6; i++) // the replicas take turns
        {
            var (status, account) = await shopper.GetAsync("/api/session", Cancelled);
            Assert.True(status == HttpStatusCode.OK, $"{(int)status}: {account}");
            Assert.Equal(shopper.Customer, account.GetProperty("name").GetString());
        }
    }
}
