using System.Net;
using Microsoft.AspNetCore.Http;
using Shop.Web.Sessions;
using Xunit;

namespace Shop.Tests.Web;

/// <summary>Writes that another site makes a browser send are refused.</summary>
public sealed class SameOriginTests(Servers servers) : IAsyncLifetime
{
    private AccountsHost _web = null!;

    public async ValueTask InitializeAsync() => _web = await AccountsHost.StartAsync(await AccountsHost.Place.NewAsync(servers));

    public ValueTask DisposeAsync() => _web.DisposeAsync();

    /// <summary>What the browser says, against the shop at this address, and whether the request may write.</summary>
    public static TheoryData<string, string?, string?, bool> Rules => new()
    {
        // No browser.
        { "http://shop.example", null, null, true },
        // Sec-Fetch-Site decides, when it is there.
        { "https://shop.example", "same-origin", null, true },
        { "https://shop.example", "same-origin", "https://shop.example", true },
        { "https://shop.example", "none", null, true },
        { "https://shop.example", "same-site", "https://blog.shop.example", false },
        { "https://shop.example", "cross-site", "https://evil.example", false },
        { "https://shop.example", "cross-site", null, false },
        { "https://shop.example", "cross-site", "https://shop.example", false },
        { "https://shop.example", "same-origin, cross-site", null, false },
        { "https://shop.example", "SAME-ORIGIN", null, false },
        { "https://shop.example", "", null, false },
        // Otherwise Origin does.
        { "http://shop.example", null, "http://shop.example", true },
        { "http://shop.example", null, "http://shop.example:80", true },
        { "http://shop.example", null, "http://SHOP.example", true },
        { "http://localhost:8080", null, "http://localhost:8080", true },
        { "http://[::1]:8080", null, "http://[::1]:8080", true },
        { "http://localhost:8080", null, "http://localhost:8081", false },
        { "http://localhost:8080", null, "http://localhost", false },
        { "http://localhost:8080", null, "http://127.0.0.1:8080", false },
        { "http://shop.example", null, "http://evil.example", false },
        { "http://shop.example", null, "http://shop.example.evil.example", false },
        { "http://shop.example", null, "http://evil.example/shop.example", false },
        { "http://shop.example", null, "null", false },
        { "http://shop.example", null, "", false },
        { "http://shop.example", null, "file://shop.example", false },
        // A proxy may end TLS; nobody begins it after the browser.
        { "http://shop.example", null, "https://shop.example", true },
        { "https://shop.example", null, "https://shop.example", true },
        { "https://shop.example", null, "http://shop.example", false },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public void What_the_browser_says_decides(string shop, string? site, string? origin, bool allowed)
    {
        var address = new Uri(shop);
        var request = new DefaultHttpContext().Request;
        request.Scheme = address.Scheme;
        request.Host = address.IsDefaultPort ? new HostString(address.Host) : new HostString(address.Host, address.Port);
        if (site is not null)
            request.Headers["Sec-Fetch-Site"] = site;
        if (origin is not null)
            request.Headers.Origin = origin;

        Assert.Equal(allowed, SameOriginWrites.MayWrite(request));
    }

    [Theory]
    [InlineData("GET", true)]
    [InlineData("HEAD", true)]
    [InlineData("OPTIONS", true)]
    [InlineData("POST", false)]
    [InlineData("PUT", false)]
    [InlineData("PATCH", false)]
    [InlineData("DELETE", false)]
    public async Task Another_site_may_read_and_not_write(string method, bool allowed)
    {
        using var vera = await _web.SignedUpAsync();

        using var response = await vera.SendAsync(new HttpMethod(method), "/api/methods", headers: ("Sec-Fetch-Site", "cross-site"));

        Assert.Equal(allowed ? HttpStatusCode.NoContent : HttpStatusCode.Forbidden, response.StatusCode);
        if (!allowed)
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Another_site_can_sign_nobody_in_up_or_out()
    {
        using var vera = await _web.SignedUpAsync();
        var cookie = vera.Cookie;
        var evil = ("Origin", "http://evil.example");

        Assert.Equal(HttpStatusCode.Forbidden, (await vera.CallAsync(HttpMethod.Delete, "/api/session", headers: evil)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await vera.CallAsync(HttpMethod.Post, "/api/session", new { email = vera.Email, password = Visitor.Password }, evil)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await vera.CallAsync(HttpMethod.Post, "/api/accounts", new { email = "e@evil.example", password = Visitor.Password, name = "E" }, evil)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await vera.CallAsync(HttpMethod.Post, "/api/tokens", new { name = "stolen" }, evil)).Status);

        Assert.Equal(cookie, vera.Cookie);
        Assert.Equal(HttpStatusCode.OK, await vera.WhoAmIAsync());
    }

    [Fact]
    public async Task A_token_may_write_from_anywhere_and_a_cookie_beside_it_does_not_count()
    {
        using var vera = await _web.SignedUpAsync();
        var token = await vera.TokenAsync();

        Assert.Equal(HttpStatusCode.OK, (await vera.CallAsync(HttpMethod.Post, "/api/test", headers: [token, ("Sec-Fetch-Site", "cross-site")])).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await vera.CallAsync(HttpMethod.Post, "/api/test", headers: [Visitor.Bearer("shop_bad"), ("Sec-Fetch-Site", "cross-site")])).Status);
    }
}
