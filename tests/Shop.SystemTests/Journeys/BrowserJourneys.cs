using System.Text.RegularExpressions;
using Aspire.Hosting.Testing;
using Microsoft.Playwright;
using Shop.SystemTests.Journeys.Pages;
using static Microsoft.Playwright.Assertions;

namespace Shop.SystemTests.Journeys;

/// <summary>What a customer sees: the shop in a real browser, against the whole application.</summary>
[Collection(nameof(SharedShop))]
public sealed class BrowserJourneys(ShopApp shop, Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task A_visitor_fills_a_cart_signs_up_buys_and_watches_the_order_become_paid()
    {
        using var nobody = shop.Shopper();
        var page = await browser.VisitAsync(shop);
        await AddAsync(page, "MUG-PG");
        await AddAsync(page, "PEN-FT");
        await Expect(page.Locator("#cart-link")).ToHaveAccessibleNameAsync("Cart, 2 products");

        await page.Locator("#cart-link").ClickAsync();
        await Expect(page.Locator("#total")).ToHaveTextAsync("€ 51.90");
        await page.GetByRole(AriaRole.Link, new() { Name = "Check out" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign up" }).ClickAsync();
        await SignUpAsync(page, nobody);
        await page.GetByText("Takes three seconds").ClickAsync(); // slow enough to be watched from its beginning
        await PlaceAsync(page);

        await AssertOrderedAsync(page);
        await Expect(Steps(page)).ToHaveTextAsync(["Placed"]);
        await AssertTimesAsync(page, 1); // of a step that the server drew
        await Expect(page.Locator("#live")).ToHaveTextAsync("Live");
        await Expect(Steps(page)).ToHaveTextAsync(["Placed", "Paid"]);
        var live = await AssertTimesAsync(page, 2); // and of one that came
        await Expect(page.Locator("#status")).ToHaveTextAsync("Paid");
        await Expect(page.Locator("#next")).ToHaveCountAsync(0);
        await Expect(page.Locator("#cart-link")).ToHaveAccessibleNameAsync("Cart, empty");
        await Expect(page.Locator("#bell")).ToHaveAccessibleNameAsync("Notifications, 2 unread");

        await page.ReloadAsync();
        await Expect(page.Locator("#steps .postmark")).ToHaveTextAsync(live);

        await page.Locator("#bell").ClickAsync();
        await Expect(page.Locator("#feed li.unread")).ToHaveCountAsync(2);
        await page.ReloadAsync();
        await Expect(page.Locator("#feed li")).ToHaveCountAsync(2);
        await Expect(page.Locator("#feed li.unread")).ToHaveCountAsync(0);
        await Expect(page.Locator("#bell")).ToHaveAccessibleNameAsync("Notifications");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_declined_card_is_shown_with_its_reason_and_a_wrong_one_beside_its_field()
    {
        using var ada = shop.Shopper();
        var page = await browser.EnterAsync(shop, ada, "/");
        await AddAsync(page, "MUG-PG");
        await OpenAsync(page, "/checkout");

        await page.GetByText("Another number", new() { Exact = true }).ClickAsync();
        await page.GetByLabel("Card number").FillAsync("1234");
        await PlaceAsync(page);
        await Expect(page.Locator("#number-error")).ToContainTextAsync("12 to 19 digits");
        await Expect(page.GetByLabel("Card number")).ToHaveValueAsync("1234");

        await page.GetByText("Is declined").ClickAsync();
        await PlaceAsync(page);
        await Expect(Steps(page)).ToHaveTextAsync(["Placed", "Declined"]);
        await Expect(page.Locator("#steps li").Last.Locator(".quiet")).Not.ToBeEmptyAsync();
        await Expect(page.Locator("#cancel")).ToHaveCountAsync(0);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_paid_order_is_cancelled_and_the_page_follows_it_until_the_money_is_back()
    {
        using var ada = shop.Shopper();
        var order = await ada.PlacedAsync();
        var page = await browser.EnterAsync(shop, ada, $"/orders/{order}");
        await Expect(Steps(page)).ToHaveTextAsync(["Placed", "Paid"]);

        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel the order" }).ClickAsync();

        await Expect(page.Locator("#toasts .toast")).ToContainTextAsync("cancelled");
        await Expect(Steps(page)).ToHaveTextAsync(["Placed", "Paid", "Cancelled", "Refunded"]);
        await page.GetByRole(AriaRole.Link, new() { Name = "Your orders" }).First.ClickAsync();
        await Expect(page.Locator("tbody tr")).ToHaveTextAsync([new Regex("Redis mug.+12\\.90.+Refunded", RegexOptions.Singleline, TimeSpan.FromSeconds(1))]);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_checkout_that_is_sent_twice_places_one_order_and_one_whose_cart_has_changed_places_none()
    {
        using var ada = shop.Shopper();
        var page = await browser.EnterAsync(shop, ada, "/");
        await AddAsync(page, "MUG-PG");
        await OpenAsync(page, "/checkout");
        var twin = await browser.EnterAsync(shop, ada, "/checkout"); // the same session in another window
        await PlaceAsync(page);
        await AssertOrderedAsync(page);

        await PlaceAsync(twin);
        await AssertOrderedAsync(twin);
        Assert.Equal(page.Url, twin.Url);

        await AddAsync(page, "MUG-RD");
        await OpenAsync(page, "/checkout");
        await AddAsync(twin, "PEN-FT");
        await PlaceAsync(page);
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("has changed");
        var (_, orders) = await ada.GetAsync("/api/orders");
        Assert.Single(orders.GetProperty("items").EnumerateArray());
        await page.Context.CloseAsync();
        await twin.Context.CloseAsync();
    }

    [Fact]
    public async Task Without_javascript_one_searches_fills_the_cart_signs_up_and_buys()
    {
        using var nobody = shop.Shopper();
        var page = await browser.VisitWithoutScriptAsync(shop);
        await page.GetByRole(AriaRole.Link, new() { Name = "See everything" }).ClickAsync();
        await page.GetByLabel("Search the products").FillAsync("mug");
        await page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await Expect(page.Locator(".products .product-name")).ToHaveTextAsync(["Elephant mug", "Redis mug"]);
        await page.GetByRole(AriaRole.Button, new() { Name = "Add to cart: Elephant mug" }).ClickAsync();
        await Expect(page.Locator("#toasts .toast")).ToContainTextAsync("Elephant mug is in your cart.");
        await page.Locator("#cart-link").ClickAsync();
        await page.GetByLabel("Quantity of Elephant mug").FillAsync("100");
        await page.GetByRole(AriaRole.Button, new() { Name = "Change" }).ClickAsync();
        await Expect(page.Locator("#problem-MUG-PG")).ToContainTextAsync("0 to 99");
        await page.GetByLabel("Quantity of Elephant mug").FillAsync("2");
        await page.GetByRole(AriaRole.Button, new() { Name = "Change" }).ClickAsync();
        await Expect(page.Locator("#total")).ToHaveTextAsync("€ 25.80");
        await page.GetByRole(AriaRole.Link, new() { Name = "Check out" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign up" }).ClickAsync();
        await SignUpAsync(page, nobody);
        await PlaceAsync(page);
        await AssertOrderedAsync(page);

        await Eventually.TrueAsync(async () => await page.ReloadAsync() is not null && await page.Locator("#status").TextContentAsync() == "Paid", "the order to be paid");
        await page.Locator("[data-menu] summary").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Sign in" })).ToBeVisibleAsync();
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_session_that_is_revoked_in_one_browser_signs_out_the_other()
    {
        using var ada = shop.Shopper();
        var here = await browser.OpenAsync(shop, ada);
        var there = await browser.OpenAsync(shop, ada);
        await OpenAsync(here, "/account/sessions");
        await Expect(here.Locator("#sessions li")).Not.ToHaveCountAsync(1);

        await here.Locator("#sessions li").Filter(new() { HasNotText = "this one" }).GetByRole(AriaRole.Button).First.ClickAsync();
        await Expect(here.Locator("#toasts .toast")).ToContainTextAsync("signed out");
        while (await here.Locator("#sessions li").CountAsync() > 1) // the account's first session, from its sign-up
            await here.Locator("#sessions li").Filter(new() { HasNotText = "this one" }).GetByRole(AriaRole.Button).First.ClickAsync();

        await there.WaitForURLAsync("**/sign-in?*"); // by itself: its stream of notifications ended
        await Expect(there.Locator("main .note")).ToContainTextAsync("signed out");
        await OpenAsync(here, "/orders");
        await Expect(here.GetByRole(AriaRole.Heading, new() { Name = "Your orders", Exact = true })).ToBeVisibleAsync();
        await here.Context.CloseAsync();
        await there.Context.CloseAsync();
    }

    [Fact]
    public async Task An_access_token_is_shown_once_works_and_is_revoked()
    {
        using var ada = shop.Shopper();
        var page = await browser.EnterAsync(shop, ada, "/account/tokens");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make a token" }).ClickAsync();
        await Expect(page.Locator("#name-error")).ToContainTextAsync("1 to 100 characters");
        await page.GetByLabel("What is it for?").FillAsync("backup");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make a token" }).ClickAsync();
        var token = await page.Locator("#new-token").TextContentAsync();

        using var script = shop.AnonymousClient();
        script.DefaultRequestHeaders.Authorization = new("Bearer", token);
        using (var works = await script.GetAsync(new Uri("/api/orders", UriKind.Relative)))
            Assert.Equal(System.Net.HttpStatusCode.OK, works.StatusCode);
        await OpenAsync(page, "/account/tokens");
        await Expect(page.Locator("#new-token")).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Revoke backup" }).ClickAsync();
        await Expect(page.Locator("#tokens")).ToHaveCountAsync(0);
        using var refused = await script.GetAsync(new Uri("/api/orders", UriKind.Relative));
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, refused.StatusCode);
        await page.Context.CloseAsync();
    }

    private async Task OpenAsync(IPage page, string path) => await page.GotoAsync(new Uri(shop.App.GetEndpoint("web"), path).ToString());

    private async Task AddAsync(IPage page, string sku)
    {
        await OpenAsync(page, $"/products/{sku}");
        await page.Locator(".product-page").GetByRole(AriaRole.Button).ClickAsync();
        await Expect(page.Locator("#toasts .toast")).ToContainTextAsync("is in your cart");
    }

    private static async Task PlaceAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Place the order" }).ClickAsync();
        await page.Locator("#steps, main [role=alert], main .field-error, main .state-large").First.WaitForAsync();
    }

    /// <summary>An order page is there; what else is there is the reason why not.</summary>
    private static async Task AssertOrderedAsync(IPage page) =>
        Assert.True(page.Url.Contains("/orders/", StringComparison.Ordinal), $"{page.Url}: {await page.Locator("main").InnerTextAsync()}");

    private static async Task SignUpAsync(IPage page, Shopper shopper)
    {
        await page.GetByLabel("Name").FillAsync("Zoë");
        await page.GetByLabel("E-mail").FillAsync(shopper.Email);
        await page.GetByLabel("Password").FillAsync(Shopper.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign up" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Check out" })).ToBeVisibleAsync();
    }

    private static ILocator Steps(IPage page) => page.Locator("#steps li h3");

    /// <summary>Each step has its time, on its postmark and for a screen reader; what the postmarks say.</summary>
    private static async Task<IReadOnlyList<string>> AssertTimesAsync(IPage page, int steps)
    {
        var time = new Regex(@"^\s*(?:At )?\d\d:\d\d:\d\d\s*$", RegexOptions.None, TimeSpan.FromSeconds(1));
        await Expect(page.Locator("#steps .postmark")).ToHaveTextAsync(Enumerable.Repeat(time, steps));
        await Expect(page.Locator("#steps .visually-hidden")).ToHaveTextAsync(Enumerable.Repeat(time, steps));
        return await page.Locator("#steps .postmark").AllInnerTextsAsync();
    }
}
