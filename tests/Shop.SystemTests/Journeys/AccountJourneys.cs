using System.Net;
using System.Text.Json;
using Aspire.Hosting.Testing;
using Microsoft.Playwright;
using Shop.EmbeddedHosting.Faults;
using static Microsoft.Playwright.Assertions;

namespace Shop.SystemTests.Journeys;

/// <summary>Who is signed in, on two replicas of web.</summary>
[Collection(nameof(SharedShop))]
public sealed class AccountJourneys(ShopApp shop, Browser browser) : IClassFixture<Browser>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Any_replica_serves_any_user()
    {
        using var ada = shop.Shopper();
        await ada.SignUpAsync(Cancelled);

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK], await AtEveryReplicaAsync(await ada.SignUpAsync(Cancelled)));
    }

    [Fact]
    public async Task A_revoked_session_stops_working_on_every_replica_at_once_and_its_streams_end()
    {
        using var ada = shop.Shopper();
        await ada.SignUpAsync(Cancelled);
        using var phone = shop.Elsewhere(ada);
        var cookie = await phone.SignUpAsync(Cancelled);
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK], await AtEveryReplicaAsync(cookie));
        var events = phone.ListenAsync("/api/notifications/live", cancellationToken: Cancelled).CountAsync(Cancelled).AsTask();
        var id = (await ada.GetAsync("/api/sessions", Cancelled)).Body.GetProperty("items").EnumerateArray().Single(static session => !session.GetProperty("current").GetBoolean()).GetProperty("id").GetGuid();

        Assert.Equal(HttpStatusCode.NoContent, (await ada.CallAsync(HttpMethod.Delete, $"/api/sessions/{id}", cancellationToken: Cancelled)).Status);

        Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized], await AtEveryReplicaAsync(cookie));
        await Eventually.TrueAsync(
            async () =>
            {
                await ada.PlacedAsync(); // each would be two events
                return events.IsCompleted;
            },
            "the stream of a revoked session to end");
        await events;
    }

    [Fact]
    public async Task A_script_orders_with_a_token_until_it_is_revoked()
    {
        using var ada = shop.Shopper();
        var (status, made) = await ada.CallAsync(HttpMethod.Post, "/api/tokens", new { name = "script" }, cancellationToken: Cancelled);
        Assert.Equal(HttpStatusCode.Created, status);
        var token = ("Authorization", $"Bearer {made.GetProperty("token").GetString()}");
        using var script = shop.AnonymousClient();

        using var placed = await OrderAsync(script, token, ("Sec-Fetch-Site", "cross-site"));
        Assert.Equal(HttpStatusCode.Created, placed.StatusCode);
        var order = JsonSerializer.Deserialize<JsonElement>(await placed.Content.ReadAsStringAsync(Cancelled)).GetProperty("id").GetGuid();
        Assert.Equal(HttpStatusCode.OK, (await ada.GetAsync($"/api/orders/{order}", Cancelled)).Status);

        await ada.CallAsync(HttpMethod.Delete, $"/api/tokens/{made.GetProperty("id").GetGuid()}", cancellationToken: Cancelled);
        using var refused = await OrderAsync(script, token);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task An_order_from_another_site_is_refused_and_one_from_the_shop_s_own_page_is_not()
    {
        using var ada = shop.Shopper();
        var cookie = ("Cookie", await ada.SignUpAsync(Cancelled));
        var own = shop.App.GetEndpoint("web").GetLeftPart(UriPartial.Authority);
        using var http = shop.AnonymousClient();

        using var evil = await OrderAsync(http, cookie, ("Origin", "https://evil.example"));
        using var neighbour = await OrderAsync(http, cookie, ("Sec-Fetch-Site", "same-site"), ("Origin", own));
        using var mine = await OrderAsync(http, cookie, ("Origin", own));

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.Created), (evil.StatusCode, neighbour.StatusCode, mine.StatusCode));
    }

    [Fact]
    public async Task Somebody_signs_up_out_and_in_again_in_a_browser()
    {
        using var nobody = shop.Shopper();
        var page = await browser.VisitAsync(shop);

        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign up" }).ClickAsync();
        await page.GetByLabel("Name").FillAsync("Zoë");
        await page.GetByLabel("E-mail").FillAsync(nobody.Email);
        await page.GetByLabel("Password").FillAsync("short");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign up" }).ClickAsync();
        await Expect(page.Locator("#password-error")).ToContainTextAsync("5 characters");
        await Expect(page.GetByLabel("E-mail")).ToHaveValueAsync(nobody.Email);
        await page.GetByLabel("Password").FillAsync(Shopper.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign up" }).ClickAsync();
        await Expect(page.Locator("[data-menu] summary")).ToHaveAccessibleNameAsync("Account of Zoë");

        await page.Locator("[data-menu] summary").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(page.Locator("[data-menu]")).ToHaveCountAsync(0);
        await Expect(page.Locator("#bell")).ToHaveCountAsync(0);

        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in" }).ClickAsync();
        await Browser.SignInAsync(page, nobody.Email, "not-the-password");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("wrong");
        await Browser.SignInAsync(page, nobody.Email, Shopper.Password);
        await Expect(page.Locator("#bell")).ToBeVisibleAsync();
        await page.CloseAsync();
    }

    private async Task<HttpStatusCode[]> AtEveryReplicaAsync(string cookie) => await Task.WhenAll(shop.App.Replicas("web").Select(async replica =>
    {
        using var http = shop.AnonymousClient(replica.Address);
        http.DefaultRequestHeaders.Add("Cookie", cookie);
        using var answer = await http.GetAsync(new Uri("/api/session", UriKind.Relative), Cancelled);
        return answer.StatusCode;
    }));

    private static async Task<HttpResponseMessage> OrderAsync(HttpClient http, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/orders");
        request.Headers.Add("Idempotency-Key", Guid.CreateVersion7().ToString());
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        request.Content = new StringContent("""{"lines":[{"sku":"MUG-RD","quantity":1}],"card":"4242424242424242"}""", System.Text.Encoding.UTF8, "application/json");
        return await http.SendAsync(request, Cancelled);
    }
}
