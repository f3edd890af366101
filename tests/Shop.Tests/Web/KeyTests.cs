using System.Net;
using Dapper;
using Microsoft.AspNetCore.DataProtection;
using Xunit;

namespace Shop.Tests.Web;

/// <summary>The keys of cookies and forms are the same everywhere, and stay.</summary>
public sealed class KeyTests(Servers servers)
{
    [Fact]
    public async Task Replicas_that_start_together_on_an_empty_database_make_one_key()
    {
        var place = await AccountsHost.Place.NewAsync(servers);

        var replicas = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => AccountsHost.StartAsync(place)));

        await using var connection = await replicas[0].Database.OpenConnectionAsync();
        Assert.Equal(1, await connection.QuerySingleAsync<long>("SELECT count(*) FROM data_protection_keys"));
        var secret = replicas[0].Get<IDataProtectionProvider>().CreateProtector("test").Protect("secret");
        Assert.All(replicas, replica => Assert.Equal("secret", replica.Get<IDataProtectionProvider>().CreateProtector("test").Unprotect(secret)));
        foreach (var replica in replicas)
            await replica.DisposeAsync();
    }

    [Fact]
    public async Task Who_signed_in_at_one_replica_is_signed_in_at_all_and_after_a_restart()
    {
        var place = await AccountsHost.Place.NewAsync(servers);
        Visitor vera;
        await using (var first = await AccountsHost.StartAsync(place))
        await using (var second = await AccountsHost.StartAsync(place))
        {
            vera = await first.SignedUpAsync();
            using var atTheSecond = vera.At(second);
            Assert.Equal(HttpStatusCode.OK, await atTheSecond.WhoAmIAsync());
        }

        await using var restarted = await AccountsHost.StartAsync(place);
        using var later = vera.At(restarted);
        Assert.Equal(HttpStatusCode.OK, await later.WhoAmIAsync());
        vera.Dispose();
    }
}
