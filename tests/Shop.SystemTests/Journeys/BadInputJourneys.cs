using System.Net;

namespace Shop.SystemTests.Journeys;

[Collection(nameof(SharedShop))]
public sealed class BadInputJourneys(ShopApp shop)
{
    private const string Line = """{"sku":"MUG-RD","quantity":1}""";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{"lines":[],"card":"4242424242424242"}""", "lines")]
    [InlineData("""{"card":"4242424242424242"}""", "lines")]
    [InlineData("""{"lines":[{"sku":"NO-SUCH","quantity":1}],"card":"4242424242424242"}""", "lines[0].sku")]
    [InlineData("""{"lines":[{"sku":"MUG-RD","quantity":1},{"quantity":1}],"card":"4242424242424242"}""", "lines[1].sku")]
    [InlineData("""{"lines":[{"sku":"MUG-RD","quantity":0}],"card":"4242424242424242"}""", "lines[0].quantity")]
    [InlineData("""{"lines":[{"sku":"MUG-RD","quantity":100}],"card":"4242424242424242"}""", "lines[0].quantity")]
    [InlineData("""{"lines":[{"sku":"MUG-RD","quantity":60},{"sku":"MUG-RD","quantity":60}],"card":"4242424242424242"}""", "lines[1].quantity")]
    [InlineData("""{"lines":[{"sku":"MUG-RD"}],"card":"4242424242424242"}""", "lines[0].quantity")]
    [InlineData("""{"lines":[null],"card":"4242424242424242"}""", "lines[0].sku")]
    [InlineData("{\"lines\":[" + Line + "],\"card\":\"1234\"}", "card")]
    [InlineData("{\"lines\":[" + Line + "]}", "card")]
    [InlineData("""{"lines":[{"sku":"MUG-RD","quantity":1.5}],"card":"4242424242424242"}""", "lines[0].quantity")]
    [InlineData("""{"lines":"none","card":"4242424242424242"}""", "lines")]
    public async Task A_bad_order_is_refused_with_the_field_that_is_wrong(string body, string field)
    {
        using var ada = shop.Shopper();

        var (status, problem) = await ada.CallAsync(HttpMethod.Post, "/api/orders", body, [("Idempotency-Key", "k")], Cancelled);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    public async Task A_body_that_is_no_order_is_refused_with_problem_details(string body)
    {
        using var ada = shop.Shopper();

        using var response = await ada.SendAsync(HttpMethod.Post, "/api/orders", body, [("Idempotency-Key", "k")], Cancelled);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task An_order_needs_an_idempotency_key()
    {
        using var ada = shop.Shopper();

        var (status, problem) = await ada.CallAsync(HttpMethod.Post, "/api/orders", "{\"lines\":[" + Line + "],\"card\":\"4242424242424242\"}", cancellationToken: Cancelled);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.True(problem.GetProperty("errors").TryGetProperty("Idempotency-Key", out _));
    }

    [Theory]
    [InlineData("/api/products?page=0", "page")]
    [InlineData("/api/products?page=x", "page")]
    [InlineData("/api/games/UPPER/leaderboard", "game")]
    [InlineData("/api/games/parcels/leaderboard?window=month", "window")]
    [InlineData("/api/games/parcels/leaderboard?top=0", "top")]
    [InlineData("/api/games/parcels/seasons/2026-13", "season")]
    [InlineData("/api/games/parcels/seasons/november", "season")]
    [InlineData("/api/games/parcels/leaderboard/me?around=51", "around")]
    [InlineData("/api/notifications?after=-1", "after")]
    public async Task A_bad_parameter_is_named(string path, string field)
    {
        using var ada = shop.Shopper();

        var (status, problem) = await ada.GetAsync(path, Cancelled);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
    }

    [Theory]
    [InlineData("yesterday")]
    [InlineData("1732492800000-42")]
    public async Task A_place_in_a_stream_that_is_none_is_refused(string id)
    {
        using var ada = shop.Shopper();

        var (status, problem) = await ada.CallAsync(HttpMethod.Get, "/api/notifications/live", headers: [("Last-Event-ID", id)], cancellationToken: Cancelled);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(id, problem.GetProperty("errors").GetProperty("Last-Event-ID")[0].GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"score":1.5}""")]
    [InlineData("""{"score":"12"}""")]
    [InlineData("""{"score":-1}""")]
    [InlineData("""{}""")]
    public async Task A_score_is_a_whole_number(string body)
    {
        using var ada = shop.Shopper();

        var (status, problem) = await ada.CallAsync(HttpMethod.Post, "/api/games/parcels/scores", body, cancellationToken: Cancelled);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.True(problem.GetProperty("errors").TryGetProperty("score", out _), problem.ToString());
    }

    [Fact]
    public async Task Loyalty_takes_no_scores()
    {
        using var ada = shop.Shopper();

        Assert.Equal(HttpStatusCode.Conflict, (await ada.CallAsync(HttpMethod.Post, "/api/games/loyalty/scores", new { score = 1 }, cancellationToken: Cancelled)).Status);
    }

    [Theory]
    [InlineData("/api/products/NO-SUCH")]
    [InlineData("/api/orders/019384c5-0000-7000-8000-000000000000")]
    [InlineData("/api/games/nobody-offers-this/leaderboard/me")]
    [InlineData("/api/games/nobody-offers-this/seasons/2024-01")]
    [InlineData("/api/no-such-thing")]
    public async Task What_is_not_there_is_not_found(string path)
    {
        using var ada = shop.Shopper();

        using var response = await ada.SendAsync(HttpMethod.Get, path, cancellationToken: Cancelled);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData("/api/orders")]
    [InlineData("/api/notifications")]
    [InlineData("/api/notifications/live")]
    [InlineData("/api/games/parcels/leaderboard/me")]
    public async Task Who_did_not_sign_in_is_told_how(string path)
    {
        using var http = shop.AnonymousClient();

        using var response = await http.GetAsync(new Uri(path, UriKind.Relative), Cancelled);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        Assert.Contains("POST /api/session", await response.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_api_describes_itself()
    {
        using var ada = shop.Shopper();

        var openApi = (await ada.GetAsync("/openapi/v1.json", Cancelled)).Body.GetProperty("paths");
        using var reference = await ada.SendAsync(HttpMethod.Get, "/scalar", cancellationToken: Cancelled);

        foreach (var path in new[] { "/api/products", "/api/orders", "/api/orders/{id}/live", "/api/games/{game}/runs", "/api/games/{game}/scores", "/api/games/{game}/leaderboard/live", "/api/operations/burst", "/api/notifications/live", "/api/accounts", "/api/session", "/api/sessions/{id}", "/api/tokens" })
            Assert.True(openApi.TryGetProperty(path, out _), path);
        Assert.Equal(HttpStatusCode.OK, reference.StatusCode);
    }
}
