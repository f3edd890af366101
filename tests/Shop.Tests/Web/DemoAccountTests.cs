using System.Net;
using Dapper;
using Xunit;

namespace Shop.Tests.Web;

public sealed class DemoAccountTests(Servers servers)
{
    /// <summary>The simulated shoppers of a burst have accounts from the schema on.</summary>
    private const string OfPeople = "email NOT LIKE 'bot-%@bots.shop.example'";

    [Fact]
    public async Task Development_has_demo_accounts_once_however_many_replicas_start_and_start_again()
    {
        var place = await AccountsHost.Place.NewAsync(servers);
        foreach (var replica in await Task.WhenAll(AccountsHost.StartAsync(place, demo: true), AccountsHost.StartAsync(place, demo: true)))
            await replica.DisposeAsync();
        await using var web = await AccountsHost.StartAsync(place, demo: true);

        await using var connection = await web.Database.OpenConnectionAsync();
        Assert.Equal(["ada@shop.example", "bob@shop.example", "olga@shop.example"], await connection.QueryAsync<string>($"SELECT email FROM accounts WHERE {OfPeople} ORDER BY email"));
        using var ada = web.Visitor();
        Assert.Equal(HttpStatusCode.OK, (await ada.SignInAsync("ada@shop.example", "analytical-engine")).Status);
        using var bob = web.Visitor();
        Assert.Equal(HttpStatusCode.OK, (await bob.SignInAsync("bob@shop.example", "paint-happy-trees")).Status);
    }

    [Fact]
    public async Task No_other_environment_has_them()
    {
        await using var web = await AccountsHost.StartAsync(await AccountsHost.Place.NewAsync(servers), environment: "Production", demo: true);

        await using var connection = await web.Database.OpenConnectionAsync();
        Assert.Equal(0, await connection.QuerySingleAsync<long>($"SELECT count(*) FROM accounts WHERE {OfPeople}"));
    }
}
