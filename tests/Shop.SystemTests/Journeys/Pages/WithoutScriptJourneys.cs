using System.Globalization;
using Aspire.Hosting.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Shop.SystemTests.Journeys.Pages;

/// <summary>What a customer does in a browser without JavaScript. An operator's forms are in <see cref="OperateJourneys"/>, buying in <see cref="BrowserJourneys"/>.</summary>
[Collection(nameof(SharedShop))]
public sealed class WithoutScriptJourneys(ShopApp shop, Browser browser) : IClassFixture<Browser>
{
    private const int PageSize = 50;

    [Fact]
    public async Task One_says_something_in_a_room_and_pages_back()
    {
        var mark = $"{Guid.CreateVersion7():N}";
        using var ada = shop.Shopper();
        for (var writer = 0; writer < 6; writer++)
        {
            using var shopper = shop.Shopper();
            for (var message = 0; message < 10; message++)
                await shopper.SaidAsync("parcels", string.Create(CultureInfo.InvariantCulture, $"{mark} {writer * 10 + message}"));
        }

        var page = await EnterAsync(ada, "/talk/parcels");
        await page.Locator("#text").FillAsync("this is a scam");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        await Expect(page.Locator("#text-error")).Not.ToBeEmptyAsync();
        await Expect(page.Locator("#text")).ToHaveValueAsync("this is a scam");
        await page.Locator("#text").FillAsync($"{mark} 60");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        await Expect(page.Locator("#text-error")).ToBeEmptyAsync();
        await Expect(Said(page)).ToHaveTextAsync(Numbers(61 - PageSize, PageSize));

        await page.GetByRole(AriaRole.Link, new() { Name = "Older messages" }).ClickAsync();
        await Expect(Said(page)).ToHaveTextAsync(Numbers(0, 61 - PageSize));
        await page.GetByRole(AriaRole.Link, new() { Name = "To the newest messages" }).ClickAsync();
        await Expect(Said(page).Last).ToHaveTextAsync($"{mark} 60");
        await page.Context.CloseAsync();

        ILocator Said(IPage at) => at.Locator(".message .text", new() { HasText = mark });

        IEnumerable<string> Numbers(int first, int count) => Enumerable.Range(first, count).Select(number => string.Create(CultureInfo.InvariantCulture, $"{mark} {number}"));
    }

    [Fact]
    public async Task An_order_is_cancelled()
    {
        using var ada = shop.Shopper();
        var order = await ada.PlacedAsync();
        await Eventually.TrueAsync(async () => await ada.StatusAsync(order) == "Paid", "the order to be paid", TimeSpan.FromSeconds(60));
        var page = await EnterAsync(ada, $"/orders/{order}");

        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel the order" }).ClickAsync();

        await Expect(page.Locator("#toasts .toast")).ToContainTextAsync("cancelled");
        await Expect(page.Locator("#steps li h3").Nth(2)).ToHaveTextAsync("Cancelled");
        await Expect(page.Locator("#cancel")).ToHaveCountAsync(0);
        await Eventually.TrueAsync(async () => await ada.StatusAsync(order) == "Refunded", "the money to be back", TimeSpan.FromSeconds(60));
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_token_is_made_and_revoked()
    {
        using var ada = shop.Shopper();
        var page = await EnterAsync(ada, "/account/tokens");
        await page.GetByLabel("What is it for?").FillAsync("backup");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make a token" }).ClickAsync();
        await Expect(page.Locator("#new-token")).Not.ToBeEmptyAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Revoke backup" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "No tokens" })).ToBeVisibleAsync();
        await Expect(page.Locator("#tokens")).ToHaveCountAsync(0);
        await page.Context.CloseAsync();
    }

    private async Task<IPage> EnterAsync(Shopper shopper, string path)
    {
        await shopper.SignUpAsync();
        var page = await browser.VisitWithoutScriptAsync(shop);
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in" }).ClickAsync();
        await Browser.SignInAsync(page, shopper.Email, Shopper.Password);
        await Expect(page.Locator("#bell")).ToBeVisibleAsync();
        await page.GotoAsync(new Uri(shop.App.GetEndpoint("web"), path).ToString());
        return page;
    }
}
