using Aspire.Hosting.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Shop.SystemTests.Journeys.Pages;

/// <summary>What the pages show when something is empty, wrong or away.</summary>
[Collection(nameof(SharedShop))]
public sealed class StateJourneys(ShopApp shop, Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task A_page_says_that_it_is_offline_as_long_as_it_is()
    {
        var page = await browser.VisitAsync(shop);
        await page.Locator("html[data-page=ready]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        var banner = page.Locator("#offline");
        await Expect(banner).ToBeHiddenAsync();

        await page.Context.SetOfflineAsync(true);
        await Expect(banner).ToBeVisibleAsync();
        await Expect(banner).ToContainTextAsync("You are offline.");
        await page.LooksWellAsync("offline");

        await page.Context.SetOfflineAsync(false);
        await Expect(banner).ToBeHiddenAsync();
        await page.Context.CloseAsync();
    }

    [Theory]
    [InlineData(400, "That form did not reach us whole")]
    [InlineData(403, "This door is for operators")]
    [InlineData(404, "Return to sender: no such page")]
    [InlineData(429, "A little slower, please")]
    [InlineData(500, "Something broke on our side")]
    [InlineData(503, "A part of the shop is being replaced")]
    public async Task The_page_of_a_failure_looks_well(int status, string title)
    {
        var page = await browser.VisitAsync(shop);
        var answer = await page.GotoAsync(At($"/problem/{status}"));
        Assert.Equal(status, answer!.Status);
        await LooksWellAsync(page, title, $"problem-{status}");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_form_that_says_what_is_wrong_looks_well()
    {
        var page = await browser.VisitAsync(shop);
        await page.GotoAsync(At("/sign-up"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign up" }).ClickAsync();
        foreach (var field in new[] { "name", "email", "password" })
        {
            await Expect(page.Locator($"#{field}-error")).Not.ToBeEmptyAsync();
            await Expect(page.Locator($"#{field}")).ToHaveAttributeAsync("aria-invalid", "true");
        }

        await page.LooksWellAsync("sign-up-errors");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Pages_that_have_nothing_to_show_yet_look_well()
    {
        using var ada = shop.Shopper();
        var page = await browser.EnterAsync(shop, ada, "/orders");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "No orders yet" })).ToBeVisibleAsync();
        await page.LooksWellAsync("orders-empty");
        await page.VisitAsync(new Uri(At("/notifications")));
        await Expect(page.Locator("main .state")).ToBeVisibleAsync();
        await page.LooksWellAsync("notifications-empty");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task The_game_of_somebody_who_is_not_signed_in_looks_well()
    {
        var page = await browser.VisitAsync(shop);
        await page.VisitAsync(new Uri(At("/play")));
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Sign in to play" })).ToBeVisibleAsync();
        await Expect(page.Locator(".board .live-state")).ToHaveTextAsync("live");
        await page.LooksWellAsync("visitor-play");
        await page.Context.CloseAsync();
    }

    private string At(string path) => new Uri(shop.App.GetEndpoint("web"), path).ToString();

    private static async Task LooksWellAsync(IPage page, string title, string name)
    {
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(title);
        await page.LooksWellAsync(name);
    }
}
