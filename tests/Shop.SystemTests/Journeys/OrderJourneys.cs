using System.Net;
using System.Text.Json;

namespace Shop.SystemTests.Journeys;

[Collection(nameof(SharedShop))]
public sealed class OrderJourneys(ShopApp shop)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_order_is_paid_and_appears_on_the_board_and_in_the_feed()
    {
        using var ada = shop.Shopper();

        var (status, order) = await ada.PlaceAsync("MUG-RD", quantity: 2, cancellationToken: Cancelled);
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal(("Placed", 25.80m, "EUR"), (order.GetProperty("status").GetString(), order.GetProperty("total").GetDecimal(), order.GetProperty("currency").GetString()));
        var id = order.GetProperty("id").GetGuid();

        await Eventually.BecomesAsync(() => ada.StatusAsync(id), static now => now == "Paid", "the order to be paid");
        await Eventually.BecomesAsync(
            async () => await ada.GetAsync("/api/games/loyalty/leaderboard/me"),
            static answer => answer.Status == HttpStatusCode.OK && answer.Body.GetProperty("me").GetProperty("score").GetInt64() == 25,
            "25 loyalty points");
        await Eventually.BecomesAsync(
            async () => (await ada.GetAsync("/api/notifications")).Body.GetProperty("items").EnumerateArray().Select(static item => item.GetProperty("kind").GetString()).ToArray(),
            static kinds => kinds is ["order-placed", "order-paid"],
            "the two notifications of a paid order, in order");
    }

    [Theory]
    [InlineData(Shopper.IsDeclined, "Declined")]
    [InlineData(Shopper.FailsTwice, "Paid")]
    [InlineData(Shopper.IsSlow, "Paid")]
    [InlineData("5555555555554444", "Declined")]
    public async Task Every_test_card_does_what_it_is_known_for(string card, string end)
    {
        using var ada = shop.Shopper();

        var id = await ada.PlacedAsync(card: card);

        Assert.Equal(end, await Eventually.BecomesAsync(() => ada.StatusAsync(id), static now => now != "Placed", $"the order to be {end}"));
    }

    [Fact]
    public async Task The_same_key_places_one_order()
    {
        using var ada = shop.Shopper();

        var first = await ada.PlaceAsync(key: "my-key", cancellationToken: Cancelled);
        var again = await ada.PlaceAsync(key: "my-key", cancellationToken: Cancelled);
        var other = await ada.PlaceAsync(key: "my-key", quantity: 2, cancellationToken: Cancelled);

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.UnprocessableEntity), (first.Status, again.Status, other.Status));
        Assert.Contains("my-key", other.Body.GetProperty("errors").GetProperty("Idempotency-Key")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal(first.Body.GetProperty("id").GetGuid(), again.Body.GetProperty("id").GetGuid());
        Assert.Single((await ada.GetAsync("/api/orders", Cancelled)).Body.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task What_is_sold_out_is_refused_by_name()
    {
        using var ada = shop.Shopper();
        var stock = (await ada.GetAsync("/api/products/LTD-01", Cancelled)).Body.GetProperty("stock").GetInt32();

        var (status, problem) = await ada.PlaceAsync("LTD-01", stock + 1, cancellationToken: Cancelled);

        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Equal("LTD-01", problem.GetProperty("sku").GetString());
    }

    [Fact]
    public async Task A_paid_order_that_is_cancelled_is_refunded_and_loses_its_points()
    {
        using var ada = shop.Shopper();
        var id = await ada.PlacedAsync();
        await Eventually.BecomesAsync(() => ada.StatusAsync(id), static now => now == "Paid", "the order to be paid");

        var (status, cancelled) = await ada.CallAsync(HttpMethod.Post, $"/api/orders/{id}/cancel", cancellationToken: Cancelled);
        Assert.Equal((HttpStatusCode.OK, "Cancelled"), (status, cancelled.GetProperty("status").GetString()));

        await Eventually.BecomesAsync(() => ada.StatusAsync(id), static now => now == "Refunded", "the money to come back");
        await Eventually.BecomesAsync(
            async () => await ada.GetAsync("/api/games/loyalty/leaderboard/me"),
            static answer => answer.Status == HttpStatusCode.OK && answer.Body.GetProperty("me").GetProperty("score").GetInt64() == 0,
            "the points to be taken back");
        Assert.Equal(HttpStatusCode.OK, (await ada.CallAsync(HttpMethod.Post, $"/api/orders/{id}/cancel", cancellationToken: Cancelled)).Status);
    }

    [Fact]
    public async Task A_declined_order_cannot_be_cancelled()
    {
        using var ada = shop.Shopper();
        var id = await ada.PlacedAsync(card: Shopper.IsDeclined);
        await Eventually.BecomesAsync(() => ada.StatusAsync(id), static now => now == "Declined", "the order to be declined");

        Assert.Equal(HttpStatusCode.Conflict, (await ada.CallAsync(HttpMethod.Post, $"/api/orders/{id}/cancel", cancellationToken: Cancelled)).Status);
    }

    [Fact]
    public async Task Another_customers_order_does_not_exist()
    {
        using var ada = shop.Shopper();
        using var bob = shop.Shopper();
        var id = await ada.PlacedAsync();

        Assert.Equal(HttpStatusCode.NotFound, (await bob.GetAsync($"/api/orders/{id}", Cancelled)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await bob.GetAsync($"/api/orders/{id}/live", Cancelled)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await bob.CallAsync(HttpMethod.Post, $"/api/orders/{id}/cancel", cancellationToken: Cancelled)).Status);
    }

    [Fact]
    public async Task Orders_are_listed_newest_first_and_page_by_page()
    {
        using var ada = shop.Shopper();
        var placed = new List<Guid>();
        for (var i = 0; i < 23; i++)
            placed.Add(await ada.PlacedAsync());
        placed.Reverse();

        var first = (await ada.GetAsync("/api/orders", Cancelled)).Body;
        var second = (await ada.GetAsync($"/api/orders?after={first.GetProperty("next").GetGuid()}", Cancelled)).Body;

        static IEnumerable<Guid> Ids(JsonElement page) => page.GetProperty("items").EnumerateArray().Select(static order => order.GetProperty("id").GetGuid());
        Assert.Equal(placed, Ids(first).Concat(Ids(second)));
        Assert.Equal(JsonValueKind.Null, second.GetProperty("next").ValueKind);
    }

    [Fact]
    public async Task An_order_is_followed_live_until_it_is_settled_and_then_there_is_no_more()
    {
        using var ada = shop.Shopper();
        var id = await ada.PlacedAsync(card: Shopper.IsSlow);

        var events = await ada.ListenAsync($"/api/orders/{id}/live", cancellationToken: Cancelled).ToListAsync(Cancelled);

        Assert.Equal(["Placed", "Paid"], events.Select(static step => step.Data.GetProperty("status").GetString()));
        Assert.All(events, static step => Assert.Equal("status", step.Name));
        using var afterTheEnd = await ada.SendAsync(HttpMethod.Get, $"/api/orders/{id}/live", headers: [("Last-Event-ID", events[^1].Id)], cancellationToken: Cancelled);
        Assert.Equal(HttpStatusCode.NoContent, afterTheEnd.StatusCode);
    }

    [Fact]
    public async Task A_feed_resumes_after_the_last_event_that_was_seen()
    {
        using var ada = shop.Shopper();
        await using var live = ada.ListenAsync("/api/notifications/live", cancellationToken: Cancelled).GetAsyncEnumerator(Cancelled);
        var id = await ada.PlacedAsync();

        Assert.True(await live.MoveNextAsync());
        Assert.Equal(("notification", "order-placed"), (live.Current.Name, live.Current.Data.GetProperty("kind").GetString()));
        Assert.Equal(id, live.Current.Data.GetProperty("orderId").GetGuid());

        await using var resumed = ada.ListenAsync("/api/notifications/live", live.Current.Id, Cancelled).GetAsyncEnumerator(Cancelled);
        Assert.True(await resumed.MoveNextAsync());
        Assert.Equal("order-paid", resumed.Current.Data.GetProperty("kind").GetString());
    }
}
