using System.Globalization;
using System.Net;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Shop.SystemTests.Journeys.Pages;

/// <summary>The board beside the game, in the browser of somebody who watches it. A run takes three seconds here, and makes 120 points at most. In a shop of its own: who played elsewhere would be on the board too, and these would hide others.</summary>
public sealed class BoardJourneys(ShopApp shop, Browser browser) : IClassFixture<ShopApp>, IClassFixture<Browser>
{
    private const string Game = "parcels";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Somebody_below_the_best_sees_themselves_and_their_neighbours_marked()
    {
        const int Best = 10;
        using var ada = shop.Shopper();
        var others = Enumerable.Range(0, Best + 4).Select(_ => shop.Shopper()).ToArray();
        await Task.WhenAll([ScoredAsync(ada, 80), .. others.Select((other, i) => ScoredAsync(other, i < Best + 2 ? 90 + i : 79 - (i - Best - 2)))]);
        string[] neighbours = [others[1].Customer, others[0].Customer, others[^2].Customer, others[^1].Customer]; // with 91, 90, 79 and 78 points
        var page = await browser.EnterAsync(shop, ada, "/play?window=all");
        var fresh = await browser.VisitWithoutScriptAsync(shop);
        await fresh.Context.AddCookiesAsync((await page.Context.CookiesAsync()).Select(static cookie => new Microsoft.Playwright.Cookie { Name = cookie.Name, Value = cookie.Value, Domain = cookie.Domain, Path = cookie.Path }));
        await fresh.GotoAsync(page.Url);

        await Expect(page.Locator(".board .live-state")).ToHaveTextAsync("live");
        foreach (var shown in new[] { fresh, page })
            await AssertMarkedAsync(shown, ada.Customer, neighbours);

        await ScoredAsync(ada, 95); // past the neighbours above
        await Expect(page.Locator(".board tr[data-me] .points")).ToHaveTextAsync("95");
        var rank = await RankAsync(page.Locator(".board tr[data-me]"));
        await Expect(page.Locator(".board tr[data-near]")).Not.ToHaveCountAsync(0);
        foreach (var near in await page.Locator(".board tr[data-near]").AllAsync())
            Assert.InRange(Math.Abs(rank - await RankAsync(near)), 1, 2);
        await Expect(page.Locator(".board tr[data-near]", new() { HasText = others[^1].Customer })).ToHaveCountAsync(0);

        foreach (var other in others)
            other.Dispose();
        await page.Context.CloseAsync();
        await fresh.Context.CloseAsync();
    }

    [Fact]
    public async Task Two_change_places_in_the_page_of_somebody_who_watches()
    {
        using var ada = shop.Shopper();
        using var bob = shop.Shopper();
        using var eve = shop.Shopper();
        await Task.WhenAll(ScoredAsync(ada, 117), ScoredAsync(bob, 116));
        var page = await browser.EnterAsync(shop, eve, "/play?window=all");
        await Expect(page.Locator(".board .live-state")).ToHaveTextAsync("live");
        var both = page.Locator(".board tbody .name", new() { HasTextRegex = new($"{ada.Customer}|{bob.Customer}", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1)) });
        await Expect(both).ToHaveTextAsync([ada.Customer, bob.Customer]);
        var (first, second) = (await RankAsync(Row(page, ada)), await RankAsync(Row(page, bob)));
        await page.EvaluateAsync("globalThis.same = true");

        await ScoredAsync(bob, 118);

        await Expect(both).ToHaveTextAsync([bob.Customer, ada.Customer]);
        await Expect(Row(page, bob).Locator(".points")).ToHaveTextAsync("118");
        Assert.Equal((first, second), (await RankAsync(Row(page, bob)), await RankAsync(Row(page, ada))));
        Assert.True(await page.EvaluateAsync<bool>("globalThis.same"), "The page was loaded anew.");
        await page.Context.CloseAsync();
    }

    /// <summary>Plays a run to its end.</summary>
    private static async Task ScoredAsync(Shopper shopper, int score)
    {
        var token = await shopper.StartRunAsync(Game, Cancelled);
        await Eventually.TrueAsync(
            async () => (await shopper.CallAsync(HttpMethod.Post, $"/api/games/{Game}/scores", new { score, token }, cancellationToken: Cancelled)).Status switch
            {
                HttpStatusCode.OK => true,
                HttpStatusCode.UnprocessableEntity => false, // too fast
                var status => throw new InvalidOperationException($"The score was answered with {status}."),
            },
            $"{score} points to be taken when the run is over",
            TimeSpan.FromSeconds(60));
    }

    private static async Task AssertMarkedAsync(IPage page, string me, string[] neighbours)
    {
        await Expect(page.Locator(".board tr[data-me] .name")).ToContainTextAsync(me);
        await Expect(page.Locator(".board tr[data-near] .name")).ToHaveTextAsync(neighbours);
        await Expect(page.Locator(".board tr[data-me][data-near]")).ToHaveCountAsync(0);
        await Expect(page.Locator(".board tbody tr").First).Not.ToHaveAttributeAsync("data-near", "");
        var ground = await page.Locator(".board tr[data-near]").First.EvaluateAsync<string>("row => getComputedStyle(row).backgroundColor");
        Assert.NotEqual(await page.Locator(".board tbody tr").First.EvaluateAsync<string>("row => getComputedStyle(row).backgroundColor"), ground);
    }

    private static async Task<int> RankAsync(ILocator row) => int.Parse(await row.Locator(".rank").InnerTextAsync(), CultureInfo.InvariantCulture);

    private static ILocator Row(IPage page, Shopper shopper) => page.Locator(".board tbody tr", new() { HasText = shopper.Customer });
}
