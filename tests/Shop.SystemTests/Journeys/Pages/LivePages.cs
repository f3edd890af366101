using Aspire.Hosting.Testing;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Shop.SystemTests.Journeys.Pages;

/// <summary>The shop's pages as somebody sees them who is signed in already, and how they look.</summary>
internal static class LivePages
{
    /// <summary>These pages are looked at while shoppers are on their way and boards move, on a machine that may have other work.</summary>
    private const float Patience = 60_000;

    private static readonly (string Name, int Width, int Height)[] Devices = [("desktop", 1280, 900), ("phone", 390, 844)];

    /// <summary>What a window of 1280 by 900 shows at 200 %.</summary>
    private static readonly (int Width, int Height) Zoomed = (640, 450);

    /// <summary>Ignored by git; a new run overwrites the last one's.</summary>
    private static readonly string Screenshots = Path.Combine(Projects.AppHost.ProjectPath, "..", "artifacts", "screenshots");

    /// <summary>The new colours are there: no transition is on its way, and they were painted.</summary>
    private const string Settled =
        """
        async () => {
          await new Promise(requestAnimationFrame);
          await Promise.allSettled(document.getAnimations().filter(one => one.effect.getComputedTiming().endTime < Infinity).map(one => one.finished));
          await new Promise(requestAnimationFrame);
        }
        """;

    /// <summary>A page in a window of its own, with the shopper's session, once its modules listen.</summary>
    public static async Task<IPage> EnterAsync(this Browser browser, ShopApp shop, Shopper shopper, string path, bool touch = false)
    {
        var page = await browser.OpenWindowAsync(shop, shopper, touch);
        await page.VisitAsync(new Uri(shop.App.GetEndpoint("web"), path));
        return page;
    }

    /// <summary>A window with the shopper's session, which no page of the shop was in yet.</summary>
    public static async Task<IPage> OpenWindowAsync(this Browser browser, ShopApp shop, Shopper shopper, bool touch = false)
    {
        var web = shop.App.GetEndpoint("web");
        var page = await browser.OpenAsync(new Uri(web, "/icon.svg"), touch);
        page.SetDefaultTimeout(Patience);
        page.SetDefaultNavigationTimeout(Patience);
        Assertions.SetDefaultExpectTimeout(Patience);
        if (await shopper.SignUpAsync() is var cookie && cookie.IndexOf('=', StringComparison.Ordinal) is var split)
            await page.Context.AddCookiesAsync([new Cookie { Name = cookie[..split], Value = cookie[(split + 1)..], Url = web.ToString() }]);
        return page;
    }

    /// <summary>Goes on to another page of the shop.</summary>
    public static async Task VisitAsync(this IPage page, Uri address)
    {
        await page.GotoAsync(address.ToString());
        await page.Locator("html[data-page=ready]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
    }

    /// <summary>Looks at the page in light and dark, on a desktop and on a phone: takes a picture of each, finds no fault with any, and nothing that sticks out.</summary>
    public static async Task LooksWellAsync(this IPage page, string name)
    {
        Directory.CreateDirectory(Screenshots);
        foreach (var (device, width, height) in Devices)
        {
            await page.SetViewportSizeAsync(width, height);
            foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
            {
                await page.EmulateMediaAsync(new() { ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce });
                await page.EvaluateAsync(Settled);
                await page.ScreenshotAsync(new() { Path = Path.Combine(Screenshots, $"{name}-{device}-{$"{scheme}".ToLowerInvariant()}.png"), FullPage = true });
                var faults = (await page.RunAxe()).Violations.Select(static fault => $"{fault.Id}: {fault.Help} — {string.Join(" | ", fault.Nodes.Select(static node => node.Html))}").ToArray();
                Assert.True(faults.Length == 0, $"{name}, {device}, {scheme}: {string.Join('\n', faults)}");
                await FitsAsync(page, width, $"{name} on a {device}");
            }
        }

        await page.SetViewportSizeAsync(Zoomed.Width, Zoomed.Height);
        await page.EvaluateAsync(Settled);
        await FitsAsync(page, Zoomed.Width, $"{name} at 200 %");
        await page.SetViewportSizeAsync(Devices[0].Width, Devices[0].Height);
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Null, ReducedMotion = ReducedMotion.Null });
    }

    private static async Task FitsAsync(IPage page, int width, string what)
    {
        var wide = await page.EvaluateAsync<int>("document.documentElement.scrollWidth");
        Assert.True(wide <= width, $"{what} is {wide} pixels wide, and there are {width}.");
    }
}
