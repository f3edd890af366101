using Aspire.Hosting.Testing;
using Microsoft.Playwright;
using Shop.EmbeddedHosting.Servers;

namespace Shop.SystemTests;

/// <summary>
/// One headless Chromium for the tests of a class. It is the system's, or the private copy that the embedded engine fetches: what
/// Playwright would download is not used. Where neither is to be had, <see cref="VisitAsync"/> skips its test and says why.
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

    /// <summary>The shop's page in a window of its own (cookies and all); nobody is signed in.</summary>
    public async Task<IPage> VisitAsync(ShopApp shop)
    {
        return await OpenAsync(shop.App.GetEndpoint("web"));
    }

    /// <summary>Any page, in a window of its own; on a device that is touched, if so.</summary>
    public async Task<IPage> OpenAsync(Uri address, bool touch = false)
    {
        Assert.SkipWhen(_chromium is null, $"A browser is missing. {_missing}");

        var page = await _chromium.NewPageAsync(new() { ViewportSize = new() { Width = 1280, Height = 900 }, HasTouch = touch, IsMobile = touch });
        page.SetDefaultTimeout((float)Patience.TotalMilliseconds);
        Assertions.SetDefaultExpectTimeout((float)Patience.TotalMilliseconds);
        await page.GotoAsync(address.ToString());
        return page;
    }

    /// <summary>The shop's page with a customer signed in, by the form.</summary>
    public async Task<IPage> OpenAsync(ShopApp shop, Shopper customer)
    {
        var page = await VisitAsync(shop);
        await customer.SignUpAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in" }).ClickAsync();
        await SignInAsync(page, customer.Email, Shopper.Password);
        await Assertions.Expect(page.Locator("#bell")).ToBeVisibleAsync();
        return page;
    }

    /// <summary>The shop's page as it is without JavaScript.</summary>
    public async Task<IPage> VisitWithoutScriptAsync(ShopApp shop)
    {
        Assert.SkipWhen(_chromium is null, $"A browser is missing. {_missing}");
        var page = await _chromium.NewPageAsync(new() { ViewportSize = new() { Width = 1280, Height = 900 }, JavaScriptEnabled = false });
        page.SetDefaultTimeout((float)Patience.TotalMilliseconds);
        await page.GotoAsync(shop.App.GetEndpoint("web").ToString());
        return page;
    }

    /// <summary>Fills the form of the page that asks who one is.</summary>
    public static async Task SignInAsync(IPage page, string email, string password)
    {
        await page.GetByLabel("E-mail").FillAsync(email);
        await page.GetByLabel("Password").FillAsync(password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_chromium is not null)
            await _chromium.DisposeAsync();
        _playwright?.Dispose();
    }
}
