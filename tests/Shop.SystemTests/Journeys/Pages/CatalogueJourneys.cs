using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Shop.SystemTests.Journeys.Pages;

/// <summary>How a visitor finds a product.</summary>
[Collection(nameof(SharedShop))]
public sealed class CatalogueJourneys(ShopApp shop, Browser browser) : IClassFixture<Browser>
{
    private const int Products = 32;
    private const int PageSize = 12;

    [Fact]
    public async Task Home_shows_what_is_in_the_window_and_the_departments()
    {
        var page = await browser.VisitAsync(shop);

        await Expect(page.Locator(".hero-stamps .stamp .visually-hidden")).ToHaveTextAsync(["Keystone 75 keyboard", "Fountain pen, fine", "Espresso beans 1 kg"]);
        await Expect(Names(page)).ToHaveTextAsync(
            ["Keystone 75 keyboard", "Fountain pen, fine", "Espresso beans 1 kg", "Dusk desk lamp", "Quiet headphones", "Roll-top backpack 20 l", "Redis mug", "Puzzle, 1,000 pieces"]);
        await page.GetByRole(AriaRole.Link, new() { Name = "Paper" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Paper");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_department_shows_its_own_and_keeps_what_was_searched()
    {
        var page = await browser.VisitAsync(shop);
        await page.GetByRole(AriaRole.Link, new() { Name = "See everything" }).ClickAsync();
        var departments = page.GetByRole(AriaRole.Navigation, new() { Name = "Departments" });
        await Expect(departments.GetByRole(AriaRole.Link)).ToHaveTextAsync(["Everything", "Desk", "Kitchen", "Paper", "Play", "Sound", "Travel"]);

        await departments.GetByRole(AriaRole.Link, new() { Name = "Sound" }).ClickAsync();
        await Expect(Names(page)).ToHaveTextAsync(["Brick speaker", "Pebble earbuds", "Quiet headphones"]);
        await Expect(departments.Locator("[aria-current=page]")).ToHaveTextAsync("Sound");

        await page.GetByLabel("Search the products").FillAsync("each");
        await page.GetByLabel("Search the products").PressAsync("Enter");
        await Expect(Names(page)).ToHaveTextAsync(["Pebble earbuds"]);
        await departments.GetByRole(AriaRole.Link, new() { Name = "Everything" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Results for “each”");
        await Expect(Names(page)).ToHaveTextAsync(["Pebble earbuds"]);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task The_pages_of_the_catalogue_show_every_product_once()
    {
        var page = await browser.VisitAsync(shop);
        await page.GetByRole(AriaRole.Link, new() { Name = "See everything" }).ClickAsync();
        var pages = page.GetByRole(AriaRole.Navigation, new() { Name = "Pages" });
        await Expect(pages.GetByRole(AriaRole.Link)).ToHaveTextAsync(["1", "2", "3"]);
        await Expect(Names(page)).ToHaveCountAsync(PageSize);
        var seen = new List<string>(await Names(page).AllInnerTextsAsync());

        foreach (var number in new[] { "2", "3" })
        {
            await pages.GetByRole(AriaRole.Link, new() { Name = $"Page {number}" }).ClickAsync();
            await Expect(pages.Locator("[aria-current=page]")).ToHaveTextAsync(number);
            seen.AddRange(await Names(page).AllInnerTextsAsync());
        }

        Assert.Equal(Products, seen.Count);
        Assert.Equal(Products, seen.Distinct(StringComparer.Ordinal).Count());
        await page.Context.CloseAsync();
    }

    private static ILocator Names(IPage page) => page.Locator(".products .product-name");
}
