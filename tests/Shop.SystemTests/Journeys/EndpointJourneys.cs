using System.Net;
using System.Text.Json;

namespace Shop.SystemTests.Journeys;

/// <summary>Every endpoint refuses what is wrong in the same way: problem details that say what it was. See <see cref="Endpoint.All"/>.</summary>
[Collection(nameof(SharedShop))]
public sealed class EndpointJourneys(ShopApp shop)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_table_names_every_endpoint_and_each_describes_its_refusals()
    {
        using var ada = shop.Shopper();

        var paths = (await ada.GetAsync("/openapi/v1.json", Cancelled)).Body.GetProperty("paths");

        var operations = paths.EnumerateObject().SelectMany(static path => path.Value.EnumerateObject().Select(operation => (Name: $"{operation.Name.ToUpperInvariant()} {path.Name.TrimEnd('/')}", operation.Value))).ToArray();
        Assert.Equal(Endpoint.All.Select(static endpoint => endpoint.ToString()).Order(StringComparer.Ordinal), operations.Select(static operation => operation.Name).Order(StringComparer.Ordinal));
        Assert.All(operations, static operation => Assert.All((string[])["400", "429", "503"], status => Assert.True(operation.Value.GetProperty("responses").TryGetProperty(status, out _), operation.Name)));
    }

    [Fact]
    public Task Who_is_not_signed_in_is_told_how() => EachAsync(
        static endpoint => endpoint.Caller != Caller.Anybody, HttpStatusCode.Unauthorized,
        endpoint => shop.AnonymousClient(), static endpoint => endpoint.Path,
        static (_, problem) => Assert.Contains("POST /api/session", problem.GetProperty("detail").GetString(), StringComparison.Ordinal));

    [Fact]
    public async Task A_customer_may_not_do_what_is_an_operators()
    {
        using var ada = shop.Shopper();
        await EachAsync(static endpoint => endpoint.Caller == Caller.Operator, HttpStatusCode.Forbidden, ada, static endpoint => endpoint.Path);
    }

    [Fact]
    public async Task Another_site_writes_nothing_in_a_customers_name()
    {
        using var olga = await shop.OperatorAsync();
        await EachAsync(
            static endpoint => endpoint.Writes, HttpStatusCode.Forbidden, olga, static endpoint => endpoint.Path,
            static (_, problem) => Assert.Contains("another origin", problem.GetProperty("detail").GetString(), StringComparison.Ordinal), [("Sec-Fetch-Site", "cross-site")]);
    }

    [Fact]
    public async Task What_is_not_there_is_not_found()
    {
        using var olga = await shop.OperatorAsync();
        await EachAsync(static endpoint => endpoint.Missing is not null, HttpStatusCode.NotFound, olga, static endpoint => endpoint.Missing!, body: Valid);
    }

    [Fact]
    public async Task A_bad_field_is_named()
    {
        using var olga = await shop.OperatorAsync();
        await EachAsync(
            static endpoint => endpoint.Bad is not null, HttpStatusCode.BadRequest, olga, static endpoint => endpoint.Bad!,
            static (endpoint, problem) => Assert.True(problem.GetProperty("errors").TryGetProperty(endpoint.Field!, out _), problem.ToString()),
            [("Idempotency-Key", "k")], static endpoint => endpoint.Body);
    }

    [Fact]
    public async Task A_body_that_is_no_json_is_refused()
    {
        using var olga = await shop.OperatorAsync();
        await EachAsync(static endpoint => endpoint.TakesBody, HttpStatusCode.BadRequest, olga, static endpoint => endpoint.Path, headers: [("Idempotency-Key", "k")], body: static _ => "{");
    }

    /// <summary>A body that gets as far as looking for the thing.</summary>
    private static string? Valid(Endpoint endpoint) => (endpoint.Method, endpoint.Template) switch
    {
        ("PATCH", _) => """{"price":12.9}""",
        ("POST", "/api/games/{game}/scores") => """{"score":1,"token":"019384c5-0000-7000-8000-000000000000"}""",
        ("POST", "/api/chat/rooms/{room}/messages") => """{"text":"hello"}""",
        _ => null,
    };

    private static Task EachAsync(
        Func<Endpoint, bool> which, HttpStatusCode expected, Shopper shopper, Func<Endpoint, string> path,
        Action<Endpoint, JsonElement>? check = null, (string, string)[]? headers = null, Func<Endpoint, string?>? body = null) => EachAsync(
        which, expected, endpoint => shopper.SendAsync(new HttpMethod(endpoint.Method), path(endpoint), body?.Invoke(endpoint), headers, Cancelled), check);

    private static async Task EachAsync(
        Func<Endpoint, bool> which, HttpStatusCode expected, Func<Endpoint, HttpClient> client, Func<Endpoint, string> path, Action<Endpoint, JsonElement>? check = null) => await EachAsync(
        which, expected, async endpoint =>
        {
            using var http = client(endpoint);
            using var request = new HttpRequestMessage(new HttpMethod(endpoint.Method), path(endpoint));
            return await http.SendAsync(request, Cancelled);
        }, check);

    private static async Task EachAsync(Func<Endpoint, bool> which, HttpStatusCode expected, Func<Endpoint, Task<HttpResponseMessage>> send, Action<Endpoint, JsonElement>? check) =>
        await Assert.AllAsync(Endpoint.All.Where(which), async endpoint =>
        {
            using var response = await send(endpoint);
            Assert.Equal((expected, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
            var problem = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync(Cancelled));
            Assert.Equal((int)expected, problem.GetProperty("status").GetInt32());
            check?.Invoke(endpoint, problem);
        });
}
