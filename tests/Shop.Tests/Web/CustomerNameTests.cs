using System.Net;
using Shop.Web.Customers;
using Xunit;

namespace Shop.Tests.Web;

public sealed class CustomerNameTests(Servers servers)
{
    [Fact]
    public async Task Names_are_found_for_the_keys_that_grains_use()
    {
        await using var web = await AccountsHost.StartAsync(await AccountsHost.Place.NewAsync(servers));
        using var visitor = web.Visitor();
        var (status, vera) = await visitor.SignUpAsync(name: "Vera");
        Assert.Equal(HttpStatusCode.Created, status);
        var id = vera.GetProperty("id").GetString()!;

        var names = await web.Get<CustomerNames>().OfAsync([id, id, Guid.CreateVersion7().ToString(), "no-id"]);

        Assert.Equal([(id, "Vera")], names.Select(static pair => (pair.Key, pair.Value)));
        Assert.Equal(names, await web.Get<CustomerNames>().OfAsync([id]));
        Assert.Empty(await web.Get<CustomerNames>().OfAsync([]));
    }
}
