using System.Net;
using System.Net.Http.Headers;
using Xunit;

namespace Shop.Tests.Dashboard;

public sealed class LoginTests : IAsyncLifetime
{
    private const string Token = "a-token";
    private RunningDashboard _dashboard = null!;
    private HttpClient _browser = null!;

    public async ValueTask InitializeAsync()
    {
        _dashboard = await RunningDashboard.StartAsync(token: Token);
        _browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = _dashboard.Pages, DefaultRequestHeaders = { { "Accept", "text/html" } } };
    }

    public async ValueTask DisposeAsync()
    {
        _browser.Dispose();
        await _dashboard.DisposeAsync();
    }

    [Fact]
    public async Task Without_the_token_pages_lead_to_the_login_and_programs_are_refused()
    {
        using var page = await GetAsync("/traces?text=a");
        Assert.Equal((HttpStatusCode.Redirect, "/login?to=%2Ftraces%3Ftext%3Da"), (page.StatusCode, page.Headers.Location!.OriginalString));
        using var api = await _dashboard.Client.GetAsync("/api/traces", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, api.StatusCode);
        using var events = await _dashboard.Client.GetAsync("/events", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, events.StatusCode);
    }

    [Fact]
    public async Task The_printed_address_logs_in_and_the_browser_stays_so()
    {
        using var login = await GetAsync($"/login?t={Token}&to=%2Flogs");
        Assert.Equal((HttpStatusCode.Redirect, "/logs"), (login.StatusCode, login.Headers.Location!.OriginalString));
        var cookie = Assert.Single(login.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Token, cookie, StringComparison.Ordinal);

        using var page = await GetAsync("/logs");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    [Theory]
    [InlineData("another", HttpStatusCode.Unauthorized)]
    [InlineData(Token, HttpStatusCode.Redirect)]
    public async Task The_token_can_be_typed_in(string typed, HttpStatusCode expected)
    {
        using var content = new FormUrlEncodedContent([new("token", typed)]);
        using var login = await _browser.PostAsync("/login", content, TestContext.Current.CancellationToken);

        Assert.Equal(expected, login.StatusCode);
    }

    [Fact]
    public async Task A_login_leads_to_no_other_site()
    {
        foreach (var elsewhere in new[] { "https%3A%2F%2Fevil.example", "%2F%2Fevil.example", "%2F%5Cevil.example" })
        {
            using var login = await GetAsync($"/login?t={Token}&to={elsewhere}");
            Assert.Equal("/", login.Headers.Location!.OriginalString);
        }
    }

    [Theory]
    [InlineData(Token, HttpStatusCode.OK)]
    [InlineData("another", HttpStatusCode.Unauthorized)]
    public async Task Programs_send_the_token_along(string token, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/traces") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        using var answer = await _dashboard.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(expected, answer.StatusCode);
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [InlineData("Origin", "https://evil.example")]
    public async Task What_another_site_has_the_browser_send_is_refused(string header, string value)
    {
        using var login = await GetAsync($"/login?t={Token}");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/resources/orders/stop") { Headers = { { header, value } } };
        using var answer = await _browser.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    private Task<HttpResponseMessage> GetAsync(string address) => _browser.GetAsync(address, TestContext.Current.CancellationToken);
}
