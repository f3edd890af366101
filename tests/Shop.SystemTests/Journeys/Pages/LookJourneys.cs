using System.IO.Compression;
using Aspire.Hosting.Testing;
using Microsoft.Playwright;

namespace Shop.SystemTests.Journeys.Pages;

/// <summary>How the shop's pages look, to eyes and to screen readers, and what they tell a browser to allow.</summary>
[Collection(nameof(SharedShop))]
public sealed class LookJourneys(ShopApp shop, Browser browser) : IClassFixture<Browser>
{
    private const int MostBytes = 100 * 1024;

    private static readonly string[] Open = ["/", "/products", "/products?query=nothing-like-this", "/products/MUG-RD", "/products/NO-SUCH", "/cart", "/sign-in?ended=true", "/sign-up", "/nowhere"];
    private static readonly string[] Own = ["/cart", "/checkout", "/orders", "/notifications", "/account/sessions", "/account/tokens", "/operate"];

    [Fact]
    public async Task Every_page_of_a_visitor_looks_well()
    {
        var page = await browser.VisitAsync(shop);
        foreach (var path in Open)
            await LookAsync(page, path, "visitor");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Every_page_of_a_customer_looks_well()
    {
        using var ada = shop.Shopper();
        var order = await ada.PlacedAsync();
        var page = await browser.EnterAsync(shop, ada, "/products/MUG-RD");
        await page.Locator(".product-page").GetByRole(AriaRole.Button).ClickAsync();
        await page.Locator("#toasts .toast").WaitForAsync();
        foreach (var path in Own)
            await LookAsync(page, path, "customer");
        await LookAsync(page, $"/orders/{order}", "customer", "order");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Every_page_says_what_a_browser_may_do()
    {
        using var anonymous = shop.AnonymousClient();
        anonymous.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        foreach (var path in Open)
        {
            using var answer = await anonymous.GetAsync(new Uri(path, UriKind.Relative));
            var html = await answer.Content.ReadAsStringAsync();
            Assert.Equal((path, "text/html"), (path, answer.Content.Headers.ContentType?.MediaType));
            var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
            Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
            Assert.Contains("style-src 'self';", policy, StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
            Assert.Contains("camera=()", Assert.Single(answer.Headers.GetValues("Permissions-Policy")), StringComparison.Ordinal);
            Assert.DoesNotContain("<style", html, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(" style=", html, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/products")]
    [InlineData("/products/MUG-RD")]
    [InlineData("/orders/{0}")]
    [InlineData("/play")]
    [InlineData("/talk/lobby")]
    [InlineData("/operate")]
    public async Task A_page_with_all_that_it_loads_before_pictures_is_under_100_KB(string path)
    {
        using var olga = await shop.OperatorAsync();
        path = path.Replace("{0}", $"{await olga.PlacedAsync()}", StringComparison.Ordinal);
        var page = await browser.OpenWindowAsync(shop, olga);
        var loads = new List<Task<(string Url, int Bytes)>>();
        page.RequestFinished += (_, request) =>
        {
            if (!request.Url.EndsWith(".svg", StringComparison.Ordinal))
                loads.Add(SizeAsync(request));
        };
        await page.VisitAsync(new Uri(shop.App.GetEndpoint("web"), path));

        var sizes = await Task.WhenAll(loads.ToArray());
        Assert.Contains(sizes, load => load.Url.EndsWith(path, StringComparison.Ordinal) && load.Bytes > 0);
        Assert.True(sizes.Sum(static load => load.Bytes) < MostBytes, string.Join('\n', sizes.Select(static load => $"{load.Bytes} {load.Url}")));
        await page.Context.CloseAsync();
    }

    private async Task LookAsync(IPage page, string path, string who, string? name = null)
    {
        await page.VisitAsync(new Uri(shop.App.GetEndpoint("web"), path));
        await page.LooksWellAsync($"{who}-{name ?? (path.Trim('/') is { Length: > 0 } rest ? rest.Split('?')[0].Replace('/', '-') + (path.Contains('?', StringComparison.Ordinal) ? "-empty" : "") : "home")}");
    }

    /// <summary>As a published shop sends it: development puts assets that lie in the project into a gzip stream without compressing them.</summary>
    private static async Task<(string Url, int Bytes)> SizeAsync(IRequest request)
    {
        var sent = (await request.SizesAsync()).ResponseBodySize;
        if (request.ResourceType == "document")
            return (request.Url, sent);

        using var compressed = new MemoryStream();
        await using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
            await gzip.WriteAsync(await (await request.ResponseAsync())!.BodyAsync());
        return (request.Url, (int)Math.Min(sent, compressed.Length));
    }
}
