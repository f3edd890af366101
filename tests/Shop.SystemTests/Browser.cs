using System.Text.RegularExpressions;
using Aspire.Hosting.Testing;
using Microsoft.Playwright;
using Shop.EmbeddedHosting.Servers;

namespace Shop.SystemTests;

/// <summary>
/// One headless Chromium for the tests of a class. It is the system's, or the private copy that the embedded engine fetches: what
/// Playwright would download is not used. Where neither is to be had, <see cref="OpenAsync"/> skips its test and says why.
/// </summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>No sandbox, for root and a private copy have none to use; and nothing that calls home.</summary>
    private static readonly string[] Flags =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage",
        "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _chromium;
    private string _missing = "";

    public async ValueTask InitializeAsync()
    {
        string executable;
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(5));
            executable = await ServerBinaries.LocateAsync("chromium", patience.Token);
        }
        catch (Exception exception) when (exception is InvalidOperationException or OperationCanceledException)
        {
            _missing = exception is OperationCanceledException ? "'chromium' was not fetched within five minutes; the next run goes on with the download." : exception.Message;
            return;
        }

        _playwright = await Playwright.CreateAsync();
        _chromium = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = executable, Headless = true, Args = Flags });
    }

    /// <summary>The shop's page in a window of its own (storage and all), with <paramref name="customer"/> typed in.</summary>
    public async Task<IPage> OpenAsync(ShopApp shop, string customer)
    {
        Assert.SkipWhen(_chromium is null, $"A browser is missing. {_missing}");

        var page = await _chromium.NewPageAsync(new() { ViewportSize = new() { Width = 1280, Height = 900 } });
        page.SetDefaultTimeout((float)Patience.TotalMilliseconds);
        Assertions.SetDefaultExpectTimeout((float)Patience.TotalMilliseconds);
        using var web = shop.App.CreateHttpClient("web");
        await page.GotoAsync(web.BaseAddress!.ToString());

        // The modules have run when they show the feed's connection; before, nobody listens to the field.
        var connection = page.Locator("#connection");
        await Assertions.Expect(connection).ToHaveTextAsync("live");
        var field = page.GetByLabel("You are");
        await field.FillAsync(customer);
        await page.RunAndWaitForRequestAsync(() => field.PressAsync("Enter"), new Regex("/api/notifications/live$", RegexOptions.None, Patience));
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        if (_chromium is not null)
            await _chromium.DisposeAsync();
        _playwright?.Dispose();
    }
}
