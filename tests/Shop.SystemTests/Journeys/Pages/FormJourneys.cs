using System.Net;
using System.Text.RegularExpressions;

namespace Shop.SystemTests.Journeys.Pages;

/// <summary>Every form of somebody who is signed in, sent without its anti-forgery token and then with it: nothing else is different, so only the token can be why.</summary>
[Collection(nameof(SharedShop))]
public sealed partial class FormJourneys(ShopApp shop)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/theme", "theme=dark")]
    [InlineData("/sign-out", "back=/")]
    [InlineData("/cart/add", "sku=MUG-RD&quantity=1")]
    [InlineData("/cart/change", "sku=MUG-RD&quantity=1")]
    [InlineData("/account/sessions/revoke", "id=00000000-0000-0000-0000-000000000000")]
    [InlineData("/account/tokens/revoke", "id=00000000-0000-0000-0000-000000000000")]
    [InlineData("/orders/0199d3a0-0000-7000-8000-000000000000/cancel", "back=/")]
    public async Task A_button_of_a_customer_works_with_its_anti_forgery_token_only(string path, string fields)
    {
        using var ada = shop.Shopper();

        await AssertNeedsTokenAsync(await FormAsync(ada, "/"), path, fields);
    }

    [Theory]
    [InlineData("/talk/lobby/remove", "sequence=0")]
    [InlineData("/operate/dead-letters/orders/put-back", "id=1-1")]
    [InlineData("/operate/dead-letters/orders/drop", "id=1-1")]
    [InlineData("/operate/jobs/bursts/retry", "id=00000000-0000-0000-0000-000000000000")]
    [InlineData("/operate/jobs/bursts/cancel", "id=00000000-0000-0000-0000-000000000000")]
    [InlineData("/operate/burst/stop", "from=/operate/burst")]
    public async Task A_button_of_an_operator_works_with_its_anti_forgery_token_only(string path, string fields)
    {
        using var olga = await shop.OperatorAsync();

        await AssertNeedsTokenAsync(await FormAsync(olga, "/"), path, fields);
    }

    [Theory]
    [InlineData("/account/tokens", "_handler=token&name=script", "/api/tokens")]
    [InlineData("/talk/lobby", "_handler=say&text=Hello", "/api/chat/rooms/lobby/messages")]
    public async Task What_a_page_sends_is_written_with_its_anti_forgery_token_only(string path, string fields, string written)
    {
        using var ada = shop.Shopper();
        var before = await ReadAsync(ada, written);

        await AssertNeedsTokenAsync(
            await FormAsync(ada, path), path, fields, async () => Assert.Equal(before, await ReadAsync(ada, written)));

        Assert.NotEqual(before, await ReadAsync(ada, written));
    }

    [Fact]
    public async Task A_full_cart_is_ordered_with_the_anti_forgery_token_only()
    {
        using var ada = shop.Shopper();
        var (cookies, token, _) = await FormAsync(ada, "/");
        using (var filled = await PostAsync(cookies, "/cart/add", $"sku=MUG-RD&quantity=1&__RequestVerificationToken={token}"))
            Assert.Equal(HttpStatusCode.OK, filled.StatusCode);
        var checkout = await FormAsync(ada, "/checkout");
        var before = await ReadAsync(ada, "/api/orders");

        await AssertNeedsTokenAsync(
            checkout,
            "/checkout",
            $"_handler=checkout&key={Field(checkout.Html, "key")}&total={Field(checkout.Html, "total")}&card={Shopper.Pays}",
            async () => Assert.Equal(before, await ReadAsync(ada, "/api/orders")));

        Assert.NotEqual(before, await ReadAsync(ada, "/api/orders"));
    }

    [Fact]
    public async Task A_burst_begins_with_the_anti_forgery_token_only()
    {
        using var olga = await shop.OperatorAsync();
        await IdleAsync(olga);

        await AssertNeedsTokenAsync(
            await FormAsync(olga, "/operate/burst"),
            "/operate/burst",
            "_handler=burst&shoppers=1&orders=1",
            async () => Assert.Equal(HttpStatusCode.NotFound, (await olga.GetAsync("/api/operations/burst", Cancelled)).Status));

        await IdleAsync(olga);
    }

    /// <summary>Refused without the token, after which <paramref name="unchanged"/> looks whether anything happened; accepted with it. (Redirects are followed.)</summary>
    private async Task AssertNeedsTokenAsync((string Cookies, string Token, string Html) form, string path, string fields, Func<Task>? unchanged = null)
    {
        using var refused = await PostAsync(form.Cookies, path, fields);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal("text/html", refused.Content.Headers.ContentType?.MediaType);
        if (unchanged is not null)
            await unchanged();

        using var accepted = await PostAsync(form.Cookies, path, $"{fields}&__RequestVerificationToken={form.Token}");
        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
    }

    /// <summary>A page with forms on it: what its browser sends back.</summary>
    private static async Task<(string Cookies, string Token, string Html)> FormAsync(Shopper shopper, string page)
    {
        using var answer = await shopper.SendAsync(HttpMethod.Get, page, headers: [("Accept", "text/html")], cancellationToken: Cancelled);
        var html = await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(Cancelled);
        var cookies = answer.Headers.GetValues("Set-Cookie").Select(static cookie => cookie.Split(';')[0]).Prepend(await shopper.SignUpAsync(Cancelled));
        return (string.Join("; ", cookies), Field(html, "__RequestVerificationToken"), html);
    }

    private async Task<HttpResponseMessage> PostAsync(string cookies, string path, string fields)
    {
        using var http = shop.AnonymousClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(fields, null, "application/x-www-form-urlencoded") };
        request.Headers.Add("Cookie", cookies);
        request.Headers.Add("Accept", "text/html");
        return await http.SendAsync(request, Cancelled);
    }

    private static async Task<string> ReadAsync(Shopper shopper, string path) =>
        await shopper.GetAsync(path, Cancelled) is (HttpStatusCode.OK, var body) ? body.ToString() : throw new InvalidOperationException($"{path} could not be read.");

    private static string Field(string html, string name) => Uri.EscapeDataString(WebUtility.HtmlDecode(
        Assert.IsType<Match>(Inputs().Matches(html).FirstOrDefault(input => input.Groups["name"].Value == name)).Groups["value"].Value));

    private static Task IdleAsync(Shopper olga) =>
        Eventually.TrueAsync(async () => (await olga.GetAsync("/api/operations/burst", Cancelled)).Status == HttpStatusCode.NotFound, "no burst", TimeSpan.FromSeconds(60));

    [GeneratedRegex("""<input type="hidden" name="(?<name>[^"]+)" value="(?<value>[^"]*)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Inputs();
}
