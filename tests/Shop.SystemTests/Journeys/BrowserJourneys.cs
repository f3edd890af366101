using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Shop.SystemTests.Journeys;

/// <summary>What a customer sees: the page in a real browser, against the whole application, never reloaded.</summary>
[Collection(nameof(SharedShop))]
public sealed class BrowserJourneys(ShopApp shop, Browser browser) : IClassFixture<Browser>
{
    private static string NewCustomer => $"c-{Guid.CreateVersion7():N}";

    [Fact]
    public async Task A_customer_orders_and_watches_it_being_paid_notified_and_rewarded()
    {
        var page = await browser.OpenAsync(shop, NewCustomer);
        await Expect(page.Locator("#points")).ToHaveTextAsync("No loyalty points yet");
        await Expect(page.Locator("#orders li")).ToHaveCountAsync(0);

        await OrderAsync(page, "MUG-PG");

        await Expect(Steps(page)).ToHaveTextAsync(["Placed", "Paid"]);
        await Expect(page.Locator("#orders li")).ToContainTextAsync("12.90 EUR");
        await Expect(page.Locator("#feed li")).ToHaveCountAsync(2);
        await Expect(page.Locator("#points")).ToContainTextAsync("12 loyalty points");
        await page.CloseAsync();
    }

    [Fact]
    public async Task A_declined_card_is_shown_with_its_reason()
    {
        var page = await browser.OpenAsync(shop, NewCustomer);
        await page.GetByLabel("is declined").CheckAsync();

        await OrderAsync(page, "MUG-PG");

        await Expect(Steps(page)).ToHaveTextAsync(["Placed", "Declined"]);
        await Expect(Steps(page).Last).ToHaveAttributeAsync("title", new Regex(" — .+", RegexOptions.None, TimeSpan.FromSeconds(1)));
        await Expect(page.Locator("#points")).ToHaveTextAsync("No loyalty points yet");
        await page.CloseAsync();
    }

    [Fact]
    public async Task A_refused_order_says_why_and_lists_nothing()
    {
        var page = await browser.OpenAsync(shop, NewCustomer);
        await page.Locator("#card input").First.EvaluateAsync("card => card.value = '1234'");

        await OrderAsync(page, "MUG-PG");

        await Expect(page.GetByRole(AriaRole.Alert)).Not.ToBeEmptyAsync();
        await Expect(page.Locator("#orders li")).ToHaveCountAsync(0);
        await page.CloseAsync();
    }

    [Fact]
    public async Task A_new_page_shows_the_customers_orders_and_notifications_again()
    {
        using var ada = shop.Shopper();
        await ada.PlacedAsync();

        var page = await browser.OpenAsync(shop, ada.Customer);

        await Expect(Steps(page)).ToHaveTextAsync(["Placed", "Paid"]);
        await Expect(page.Locator("#feed li")).ToHaveCountAsync(2);
        await page.CloseAsync();
    }

    private static Task OrderAsync(IPage page, string sku) => page.Locator($"button[data-sku='{sku}']").ClickAsync();

    private static ILocator Steps(IPage page) => page.Locator("#orders li:first-child .steps span");
}
