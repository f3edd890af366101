using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Shop.SystemTests.Journeys.Pages;

/// <summary>The game in a real browser. A run takes three seconds here.</summary>
[Collection(nameof(SharedShop))]
public sealed class PlayJourneys(ShopApp shop, Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task A_run_that_is_played_changes_the_board_that_another_browser_watches()
    {
        using var ada = shop.Shopper();
        using var bob = shop.Shopper();
        var playing = await browser.EnterAsync(shop, ada, "/play");
        var watching = await browser.EnterAsync(shop, bob, "/play?window=week");
        await Expect(watching.Locator(".board .live-state")).ToHaveTextAsync("live");
        await Expect(Row(watching, ada)).ToHaveCountAsync(0);

        await playing.GetByRole(AriaRole.Button, new() { Name = "Start a run" }).ClickAsync();
        await Expect(playing.Locator(".game[data-state=playing]")).ToBeVisibleAsync();
        await playing.Keyboard.DownAsync("ArrowRight");
        await Expect(playing.Locator("#said")).ToContainTextAsync("of all time");
        await playing.Keyboard.UpAsync("ArrowRight");

        await Expect(Row(watching, ada)).ToHaveCountAsync(1);
        await Expect(Row(watching, ada)).Not.ToHaveAttributeAsync("data-me", "");
        await Expect(Row(playing, ada)).ToHaveAttributeAsync("data-me", "");
        await Expect(Row(playing, ada)).ToContainTextAsync("you");
        Assert.Contains(await playing.Locator("#score").TextContentAsync() ?? "?", await Row(watching, ada).Locator(".points").TextContentAsync(), StringComparison.Ordinal);
        await playing.CloseAsync();
        await watching.CloseAsync();
    }

    [Fact]
    public async Task The_crate_follows_keys_mouse_and_finger_and_a_pause_stops_the_clock()
    {
        using var ada = shop.Shopper();
        var page = await browser.EnterAsync(shop, ada, "/play");
        await page.EvaluateAsync(
            """
            async () => {
              const { Parcels } = await import('/js/play/parcels.js');
              const game = new Parcels(7, 60), same = new Parcels(7, 60);
              for (let i = 0; i < 1210; i++) { // whoever stands below each parcel in time catches it
                const next = game.falling.filter(item => item.kind !== 'broken').sort((a, b) => b.y - a.y)[0];
                game.step(0.05, next ? { to: next.x } : {});
              }
              for (let i = 0; i < 1210; i++) same.step(0.05, { move: 0 });
              globalThis.test = { over: game.over, good: game.score, idle: same.score };
            }
            """);
        Assert.True(await page.EvaluateAsync<bool>("test.over && test.good > 500 && test.good < 40 * 60 && test.idle < test.good"), await page.EvaluateAsync<string>("JSON.stringify(test)"));

        await page.GetByRole(AriaRole.Button, new() { Name = "Start a run" }).ClickAsync();
        await Expect(page.Locator(".game[data-state=playing]")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("p");
        await Expect(page.Locator("#said")).ToContainTextAsync("Paused");
        var left = await page.Locator("#time").TextContentAsync();
        await page.WaitForTimeoutAsync(1500); // longer than a tick of the clock
        Assert.Equal(left, await page.Locator("#time").TextContentAsync());
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();
        await page.Locator("#canvas").HoverAsync();
        await Expect(page.Locator("#said")).ToContainTextAsync("of all time");
        await page.CloseAsync();
    }

    [Fact]
    public async Task The_tabs_change_what_is_followed_and_leave_a_run_alone()
    {
        using var ada = shop.Shopper();
        var page = await browser.EnterAsync(shop, ada, "/play");
        await page.GetByRole(AriaRole.Button, new() { Name = "Start a run" }).ClickAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "All time" }).ClickAsync();

        await Expect(page.Locator(".board a[data-window=all]")).ToHaveAttributeAsync("aria-current", "true");
        await Expect(page.Locator("#said")).ToContainTextAsync("of all time");
        await Expect(Row(page, ada)).ToHaveCountAsync(1);
        await page.CloseAsync();
    }

    [Fact]
    public async Task The_pages_look_well()
    {
        using var ada = shop.Shopper();
        foreach (var _ in Enumerable.Range(0, 12))
        {
            using var other = shop.Shopper();
            await other.PlacedAsync();
        }

        var page = await browser.EnterAsync(shop, ada, "/play");
        await page.GetByRole(AriaRole.Button, new() { Name = "Start a run" }).ClickAsync();
        await Expect(page.Locator("#said")).ToContainTextAsync("of all time");
        await page.LooksWellAsync("play");
        await page.GetByRole(AriaRole.Link, new() { Name = "Loyalty points" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Loyalty points");
        await Expect(page.Locator(".board .live-state")).ToHaveTextAsync("live");
        await page.LooksWellAsync("loyalty");
        await page.CloseAsync();
    }

    private static ILocator Row(IPage page, Shopper shopper) => page.Locator(".board tbody tr", new() { HasText = shopper.Customer });
}
