using System.Net;
using System.Text.Json;
using Dapper;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Shop.Contracts.Orders;
using Shop.Orders.Catalogue;
using Shop.Orders.Checkout;
using Shop.Orders.Fulfilment;
using Shop.Redis.Caching;
using Shop.Testing;
using Shop.Tests.Orders;
using Shop.Web;
using Shop.Web.Catalogue;
using Shop.Web.Grains;
using Xunit;

namespace Shop.Tests.Web;

/// <summary>Two web servers with the catalogue, and Shop.Orders' side of it, on real servers.</summary>
public sealed class CatalogueTests(Servers servers) : IAsyncLifetime
{
    // On a busy machine Redis may be slow, which would send everybody to the source.
    private static readonly CacheOptions Patient = new() { Patience = TimeSpan.FromSeconds(60), LoadLease = TimeSpan.FromSeconds(60), Json = ApiJson.Default.Options };

    private ServiceSandbox _orders = null!;
    private AccountsHost _here = null!;
    private AccountsHost _there = null!;
    private LocalCatalogue _hereReads = null!;
    private LocalCatalogue _thereReads = null!;

    public async ValueTask InitializeAsync()
    {
        _orders = await OrdersSandbox.CreateAsync(servers.Postgres, servers.Redis.Connection);
        var place = (await AccountsHost.Place.NewAsync(servers)) with { Prefix = _orders.Prefix };
        (_here, _hereReads) = await StartAsync(place);
        (_there, _thereReads) = await StartAsync(place);
    }

    public async ValueTask DisposeAsync()
    {
        await _here.DisposeAsync();
        await _there.DisposeAsync();
        await _orders.DisposeAsync();
    }

    [Fact]
    public async Task A_thousand_requests_at_two_replicas_read_a_page_and_a_product_once()
    {
        using var here = _here.Visitor();
        using var there = _there.Visitor();

        var answers = await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => (i % 2 == 0 ? here : there).GetAsync(i % 4 < 2 ? "/api/products" : "/api/products/MUG-RD")));

        Assert.All(answers, static answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.Equal(2, _hereReads.Reads + _thereReads.Reads);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(OrderStatus.Cancelled)]
    public async Task A_change_of_stock_is_seen_at_both_replicas(OrderStatus? end)
    {
        using var here = _here.Visitor();
        using var there = _there.Visitor();
        var before = await _orders.StockAsync("MUG-RD");
        await SeesAsync(here, before);
        await SeesAsync(there, before);

        var placement = OrdersSandbox.Placement(sku: "MUG-RD", quantity: 3);
        await _orders.Get<OrderPlacement>().PlaceAsync(placement);
        await SeesAsync(here, before - 3);
        await SeesAsync(there, before - 3);

        if (end is null)
            return;
        await _orders.Get<OrderMoves>().MoveAsync(new OrderMove(placement.OrderId, end.Value, "because"));
        await SeesAsync(here, before);
        await SeesAsync(there, before);
    }

    [Fact]
    public async Task An_operator_changes_a_price_and_both_replicas_show_it()
    {
        using var somebody = _there.Visitor();
        using var boss = await OperatorAsync();
        Assert.Equal(12.90m, (await somebody.GetAsync("/api/products/MUG-RD")).Body.GetProperty("price").GetDecimal());

        var (status, product) = await boss.CallAsync(HttpMethod.Patch, "/api/products/MUG-RD", new { price = 12.50m });

        Assert.Equal((HttpStatusCode.OK, "MUG-RD", 12.50m), (status, product.GetProperty("sku").GetString(), product.GetProperty("price").GetDecimal()));
        foreach (var visitor in (Visitor[])[boss, somebody])
        {
            await Eventually.TrueAsync(async () => (await visitor.GetAsync("/api/products/MUG-RD")).Body.GetProperty("price").GetDecimal() == 12.50m, "the new price");
            await Eventually.TrueAsync(async () => Prices(await visitor.GetAsync("/api/products?query=Redis")).Contains(12.50m), "the new price in a list");
        }

        Assert.Equal(HttpStatusCode.OK, (await boss.CallAsync(HttpMethod.Patch, "/api/products/MUG-RD", new { price = 12.5m })).Status);
    }

    [Theory]
    [InlineData("""{"price":0}""", "0.01 to 1000000.00")]
    [InlineData("""{"price":-3}""", "0.01 to 1000000.00")]
    [InlineData("""{"price":1000000.01}""", "0.01 to 1000000.00")]
    [InlineData("""{"price":1.005}""", "two decimals")]
    [InlineData("""{"price":null}""", "missing")]
    [InlineData("""{}""", "missing")]
    [InlineData("""{"price":"12.50"}""", "not what the field takes")]
    public async Task A_price_that_cannot_be_one_is_refused_by_name(string body, string says)
    {
        using var boss = await OperatorAsync();

        var (status, problem) = await boss.CallAsync(HttpMethod.Patch, "/api/products/MUG-RD", body);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(says, problem.GetProperty("errors").GetProperty("price")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal(12.90m, (await boss.GetAsync("/api/products/MUG-RD")).Body.GetProperty("price").GetDecimal());
    }

    [Fact]
    public async Task Prices_are_for_operators()
    {
        using var nobody = _here.Visitor();
        using var customer = await _here.SignedUpAsync();
        using var boss = await OperatorAsync();

        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.CallAsync(HttpMethod.Patch, "/api/products/MUG-RD", new { price = 1 })).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await customer.CallAsync(HttpMethod.Patch, "/api/products/MUG-RD", new { price = 1 })).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await boss.CallAsync(HttpMethod.Patch, "/api/products/NOPE", new { price = 1 })).Status);
    }

    [Theory]
    [InlineData("NOPE")]
    [InlineData("mug rd")]
    [InlineData("%7Ba%7D")]
    [InlineData("a-very-long-text-that-is-no-sku-of-any-product")]
    public async Task A_product_that_does_not_exist_is_not_found_and_asked_for_once_at_most(string sku)
    {
        using var visitor = _here.Visitor();

        for (var i = 0; i < 3; i++)
            Assert.Equal(HttpStatusCode.NotFound, (await visitor.GetAsync($"/api/products/{sku}")).Status);

        Assert.InRange(_hereReads.Reads, 0, 1);
    }

    [Fact]
    public async Task Searches_are_kept_apart_and_say_what_they_found()
    {
        using var visitor = _here.Visitor();
        for (var round = 0; round < 2; round++)
        {
            Assert.Equal(["Elephant mug", "Redis mug"], Names(await visitor.GetAsync("/api/products?query=mug")));
            Assert.Equal(["Elephant mug"], Names(await visitor.GetAsync("/api/products?query=elephant")));
            Assert.Empty(Names(await visitor.GetAsync("/api/products?query=nothing+has+this+name")));
            Assert.NotEqual(Names(await visitor.GetAsync("/api/products?page=1")), Names(await visitor.GetAsync("/api/products?page=2")));
        }

        Assert.Equal(5, _hereReads.Reads);
    }

    private async Task<(AccountsHost Host, LocalCatalogue Reads)> StartAsync(AccountsHost.Place place)
    {
        var (cluster, reads) = LocalCatalogue.Of(_orders.Get<CatalogueStore>());
        var host = await AccountsHost.StartAsync(
            place,
            configure: services => services.AddSingleton(cluster).AddSingleton<GrainCalls>().AddCatalogue(Patient),
            map: static routes => routes.MapProducts());
        await host.Get<HybridCache>().SetAsync("warm", "up"); // a thousand requests at once must not be the first to connect
        return (host, reads);
    }

    private async Task<Visitor> OperatorAsync()
    {
        using var visitor = await _here.SignedUpAsync();
        await using var connection = await _here.Database.OpenConnectionAsync();
        await connection.ExecuteAsync("UPDATE accounts SET operator = true WHERE email = @email", new { email = visitor.Email });
        var boss = _here.Visitor();
        Assert.Equal(HttpStatusCode.OK, (await boss.SignInAsync(visitor.Email)).Status);
        return boss;
    }

    private static async Task SeesAsync(Visitor visitor, int stock)
    {
        await Eventually.TrueAsync(async () => (await visitor.GetAsync("/api/products/MUG-RD")).Body.GetProperty("stock").GetInt32() == stock, $"a stock of {stock}");
        await Eventually.TrueAsync(
            async () => Items(await visitor.GetAsync("/api/products?query=Redis+mug")).Single().GetProperty("stock").GetInt32() == stock, $"a stock of {stock} in a list");
    }

    private static JsonElement[] Items((HttpStatusCode Status, JsonElement Body) answer) => [.. answer.Body.GetProperty("items").EnumerateArray()];

    private static string[] Names((HttpStatusCode Status, JsonElement Body) answer) => [.. Items(answer).Select(static item => item.GetProperty("name").GetString()!)];

    private static decimal[] Prices((HttpStatusCode Status, JsonElement Body) answer) => [.. Items(answer).Select(static item => item.GetProperty("price").GetDecimal())];
}
