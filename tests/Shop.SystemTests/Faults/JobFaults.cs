using Aspire.Hosting.Testing;
using Shop.EmbeddedHosting.Faults;
using StackExchange.Redis;

namespace Shop.SystemTests.Faults;

/// <summary>Every paid order gets its receipt, and gets it once, whatever breaks.</summary>
[Collection(nameof(BrokenShop))]
public sealed class JobFaults(ShopApp shop)
{
    private const int Orders = 12;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_wiped_redis_brings_every_receipt_once()
    {
        using var ada = shop.Shopper();
        using var olga = await shop.OperatorAsync();
        var options = ConfigurationOptions.Parse((await shop.App.GetConnectionStringAsync("redis"))!);
        options.AllowAdmin = true;
        await using var redis = await ConnectionMultiplexer.ConnectAsync(options);
        var before = await PlaceAsync(ada);
        foreach (var order in before)
            await shop.ReceiptAsync(order);
        await BookedAsync(before);
        var sent = before.ToDictionary(static order => order, order => File.GetLastWriteTimeUtc(shop.ReceiptFile(order)));

        var during = PlaceAsync(ada);
        await redis.GetServers()[0].FlushAllDatabasesAsync();
        var all = before.Concat(await during).ToArray();

        // The outbox brings back the jobs of all receipts, also of those that were sent: they run again, and send nothing.
        await BookedAsync(all);
        await Eventually.TrueAsync(async () => await SucceededAsync(olga) is var receipted && before.All(receipted.Contains), "every job of before to have run again", Patience);
        Assert.All(before, order => Assert.Equal(sent[order], File.GetLastWriteTimeUtc(shop.ReceiptFile(order))));
        foreach (var order in all)
            Assert.Contains("Total   12.90 EUR", await shop.ReceiptAsync(order), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_killed_notifications_process_loses_no_receipt()
    {
        using var ada = shop.Shopper();
        var placing = PlaceAsync(ada);
        var replica = shop.App.Replica("notifications");

        await replica.KillAsync();
        await replica.WaitUntilHealthyAsync(Cancelled);
        var orders = await placing;

        await BookedAsync(orders);
        foreach (var order in orders)
            Assert.Contains($"Order   {order}", await shop.ReceiptAsync(order), StringComparison.Ordinal);
    }

    /// <summary>The orders whose receipt jobs Redis has as succeeded.</summary>
    private static async Task<HashSet<Guid>> SucceededAsync(Shopper olga)
    {
        HashSet<Guid> orders = [];
        for (var after = ""; after is not null;)
        {
            var (_, page) = await olga.GetAsync($"/api/operations/jobs/mail?state=succeeded{after}");
            orders.UnionWith(page.GetProperty("items").EnumerateArray().Select(static job => job.GetProperty("arguments").GetProperty("orderId").GetGuid()));
            after = page.GetProperty("next").GetString() is { } next ? $"&after={Uri.EscapeDataString(next)}" : null;
        }

        return orders;
    }

    private static async Task<Guid[]> PlaceAsync(Shopper shopper)
    {
        var orders = new List<Guid>();
        for (var i = 0; i < Orders; i++)
            orders.Add(await shopper.PlacedAsync());
        return [.. orders];
    }

    private Task BookedAsync(Guid[] orders) => Eventually.TrueAsync(
        async () => await shop.ReceiptBookAsync() is var book && orders.All(book.ContainsKey), "a receipt in the books for every order", Patience);
}
