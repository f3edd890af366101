using System.Net;
using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Shop.EmbeddedHosting.Faults;

namespace Shop.SystemTests.Journeys;

/// <summary>An application in which a web server that does not hear of a change does not find out by itself while a test waits.</summary>
public sealed class AttentiveShop : ShopApp
{
    protected override void Change(IDistributedApplicationTestingBuilder builder) => builder.CreateResourceBuilder<ProjectResource>("web")
        .WithEnvironment("Shop__Web__Cache__Expiration", "01:00:00")
        .WithEnvironment("Shop__Web__Cache__LocalExpiration", "01:00:00")
        .WithEnvironment("Shop__Web__Cache__RecheckInterval", "01:00:00");
}

/// <summary>What one customer or operator does to the catalogue, seen by others at either web server.</summary>
public sealed class CatalogueCacheJourneys(AttentiveShop shop) : IClassFixture<AttentiveShop>, IDisposable
{
    private readonly Shopper[] _replicas = [.. shop.App.Replicas("web").Select(replica => shop.Shopper(replica: replica.Address))];

    [Fact]
    public async Task A_change_of_stock_is_visible_at_both_web_servers_at_once()
    {
        using var ada = shop.Shopper();
        var before = await StockAsync(_replicas[0], "PZL-1K");
        await BothShowAsync("PZL-1K", "stock", before);

        await ada.PlacedAsync("PZL-1K", quantity: 2);
        await BothShowAsync("PZL-1K", "stock", before - 2);

        var declined = await ada.PlacedAsync("PZL-1K", quantity: 3, card: Shopper.IsDeclined);
        await Eventually.BecomesAsync(() => ada.StatusAsync(declined), static status => status == "Declined", "the order to be declined");
        await BothShowAsync("PZL-1K", "stock", before - 2);
    }

    [Fact]
    public async Task A_change_of_price_is_visible_at_both_web_servers_at_once_and_counts_for_new_orders()
    {
        using var boss = await shop.OperatorAsync();
        using var ada = shop.Shopper();
        await BothShowAsync("DICE-7", "price", 36.00m);

        var (status, product) = await boss.CallAsync(HttpMethod.Patch, "/api/products/DICE-7", new { price = 33.50m });

        Assert.Equal((HttpStatusCode.OK, 33.50m), (status, product.GetProperty("price").GetDecimal()));
        await BothShowAsync("DICE-7", "price", 33.50m);
        var (placed, order) = await ada.PlaceAsync("DICE-7");
        Assert.Equal((HttpStatusCode.Created, 33.50m), (placed, order.GetProperty("total").GetDecimal()));
        Assert.Equal(HttpStatusCode.Forbidden, (await ada.CallAsync(HttpMethod.Patch, "/api/products/DICE-7", new { price = 1 })).Status);
        Assert.Equal(HttpStatusCode.OK, (await boss.CallAsync(HttpMethod.Patch, "/api/products/DICE-7", new { price = 36.00m })).Status);
    }

    public void Dispose()
    {
        foreach (var replica in _replicas)
            replica.Dispose();
    }

    /// <summary>The product and the list that it is in, at each replica. Entries live for an hour, and so long no process asks by itself: only the invalidation can show the value.</summary>
    private async Task BothShowAsync(string sku, string property, decimal value)
    {
        foreach (var replica in _replicas)
        {
            await Eventually.BecomesAsync(
                async () => (await replica.GetAsync($"/api/products/{sku}")).Body, product => product.GetProperty(property).GetDecimal() == value, $"{property} {value} of {sku}", TimeSpan.FromSeconds(15));
            await Eventually.BecomesAsync(
                async () => Find((await replica.GetAsync("/api/products?query=" + sku)).Body, sku), product => product.GetProperty(property).GetDecimal() == value, $"{property} {value} of {sku} in the list", TimeSpan.FromSeconds(10));
        }
    }

    private static JsonElement Find(JsonElement list, string sku) => list.GetProperty("items").EnumerateArray().Single(item => item.GetProperty("sku").GetString() == sku);

    private static async Task<int> StockAsync(Shopper shopper, string sku) => (await shopper.GetAsync($"/api/products/{sku}")).Body.GetProperty("stock").GetInt32();
}
