using System.Text.RegularExpressions;
using Aspire.Hosting.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Shop.SystemTests.Dashboard;

/// <summary>What somebody on call sees: the dashboard in a real browser, beside the whole application.</summary>
[Collection(nameof(SharedObservedShop))]
public sealed class DashboardJourneys(ObservedShop shop, Browser browser) : IClassFixture<Browser>
{
    private static readonly Regex ATrace = new("/traces/[0-9a-f]{32}", RegexOptions.None, TimeSpan.FromSeconds(1));

    [Fact]
    public async Task From_the_resources_to_the_waterfall_of_an_order_and_back_from_its_span_to_its_logs()
    {
        var order = await shop.PaidOrderAsync();
        using (var dashboard = shop.Dashboard())
            await ObservedShop.TraceOfAsync(dashboard, order, static spans => spans.Any(static span => span.Name == "receive live") ? [] : ["the push"]);
        var page = await OpenAsync("/");
        await Expect(page).ToHaveURLAsync(new Regex("/resources$", RegexOptions.None, TimeSpan.FromSeconds(1)));
        await Expect(page.Locator("#resource-orders .state")).ToHaveTextAsync("Running");

        await page.Locator("#resource-orders").GetByRole(AriaRole.Link, new() { Name = "traces", Exact = true }).ClickAsync();
        await page.GetByLabel("Text").FillAsync($"{order:N}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Filter", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "POST /api/orders" }).First.ClickAsync();

        await Expect(page).ToHaveURLAsync(ATrace);
        foreach (var resource in (string[])["web", "orders", "payments", "gaming", "notifications"])
            await Expect(page.Locator(".waterfall .of").GetByText(resource, new() { Exact = true }).First).ToBeVisibleAsync();
        await Expect(page.GetByText("along the critical path")).ToBeVisibleAsync();

        var commit = page.Locator(".waterfall > li", new() { HasText = "INSERT outbox" }).First;
        await commit.Locator("summary").ClickAsync();
        await Expect(commit.GetByText("db.query.text")).ToBeVisibleAsync();
        await Expect(page.Locator(".waterfall .lane .own").First).ToBeAttachedAsync();
        await FromASpanToItsLogsAndBackAsync(page, commit);
        await page.CloseAsync();
    }

    /// <summary>From the open span to what it logged, and by the span's own address back to it.</summary>
    private static async Task FromASpanToItsLogsAndBackAsync(IPage page, ILocator span)
    {
        var (trace, id) = (page.Url.Split('#')[0], await span.GetAttributeAsync("id"));
        await span.GetByRole(AriaRole.Link, new() { Name = "its logs", Exact = true }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex($"/logs\\?traceId={trace.Split('/')[^1]}&spanId={id!.Split('-')[1]}$", RegexOptions.None, TimeSpan.FromSeconds(1)));
        await Expect(page.GetByLabel("Span", new() { Exact = true })).ToHaveValueAsync(id.Split('-')[1]);

        await page.GotoAsync($"{trace}#{id}");
        await Expect(page.Locator($"#{id}.target > details[open]")).ToBeVisibleAsync();
        await Expect(page.Locator(".waterfall > li > details[open]")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task The_waterfall_is_closed_and_opened_with_the_keyboard_and_stays_so_while_the_page_is_live()
    {
        var order = await shop.PaidOrderAsync();
        using var dashboard = shop.Dashboard();
        var trace = (await ObservedShop.TraceOfAsync(dashboard, order, static spans => spans.Any(static span => span.Name == "receive live") ? [] : ["the push"]))[0].TraceId;
        var page = await OpenAsync($"/traces/{trace}");
        var rows = page.Locator(".waterfall > li:visible");
        var all = await rows.CountAsync();

        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("ArrowLeft");
        await Expect(rows).ToHaveCountAsync(1);

        await shop.PaidOrderAsync(); // the page hears of new spans meanwhile
        await Expect(rows).ToHaveCountAsync(1);
        await page.Keyboard.PressAsync("ArrowRight");
        await Expect(rows.Nth(all - 1)).ToBeVisibleAsync(); // the trace may have grown meanwhile

        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".waterfall details[open]")).ToHaveCountAsync(1);
        await BecomesLightAndDarkAsync(page);
        await page.Keyboard.PressAsync("m");
        await Expect(page).ToHaveURLAsync(new Regex("/metrics$", RegexOptions.None, TimeSpan.FromSeconds(1)));
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Consumer lag" })).ToBeVisibleAsync();
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await page.CloseAsync();
    }

    private static async Task BecomesLightAndDarkAsync(IPage page)
    {
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "auto");
        foreach (var (theme, ground) in new[] { ("light", "rgb(255, 255, 255)"), ("dark", "rgb(20, 24, 29)") })
        {
            await page.Keyboard.PressAsync("d");
            await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", theme);
            await Expect(page.Locator("body")).ToHaveCSSAsync("background-color", ground);
        }
    }

    [Fact]
    public async Task New_traces_appear_without_a_reload()
    {
        var page = await OpenAsync("/traces");
        await page.EvaluateAsync("window.sameAsBefore = true");

        var order = await shop.PaidOrderAsync();
        using var dashboard = shop.Dashboard();
        var trace = (await ObservedShop.TraceOfAsync(dashboard, order, static _ => []))[0].TraceId;

        await Expect(page.Locator($"#row-{trace}")).ToBeVisibleAsync();
        Assert.True(await page.EvaluateAsync<bool>("window.sameAsBefore"));
        await page.CloseAsync();
    }

    private Task<IPage> OpenAsync(string path) =>
        browser.OpenAsync(new Uri(shop.App.GetEndpoint("dashboard", "http"), $"/login?t={ObservedShop.Token}&to={Uri.EscapeDataString(path)}"));
}
