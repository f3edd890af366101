using System.Net;
using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Shop.SystemTests.Journeys;

/// <summary>An application whose limits are narrow.</summary>
public sealed class LimitedShop : ShopApp
{
    /// <summary>Requests of a customer in an hour.</summary>
    public const int Requests = 40;

    /// <summary>Orders at once; then one every two seconds.</summary>
    public const int Orders = 3;

    protected override void ConfigureLimits(IResourceBuilder<ProjectResource> web) => web
        .WithEnvironment("Shop__Web__Limits__Requests__Permits", $"{Requests}")
        .WithEnvironment("Shop__Web__Limits__Requests__Window", "01:00:00")
        .WithEnvironment("Shop__Web__Limits__PlaceOrder__Capacity", $"{Orders}");
}

public sealed class LimitJourneys(LimitedShop shop) : IClassFixture<LimitedShop>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_replicas_share_one_limit()
    {
        using var ada = shop.Shopper();
        var first = await RemainingAsync(ada); // who has to sign in first may have spent some

        // All at once, so that both replicas have work.
        var statuses = await Task.WhenAll(Enumerable.Range(0, first + 15).Select(async _ => (await ada.GetAsync("/api/orders", Cancelled)).Status));

        Assert.Equal(first, statuses.Count(static status => status == HttpStatusCode.OK));
        Assert.Equal(15, statuses.Count(static status => status == HttpStatusCode.TooManyRequests));
        using var bob = shop.Shopper();
        Assert.Equal(HttpStatusCode.OK, (await bob.GetAsync("/api/orders", Cancelled)).Status);
    }

    [Fact]
    public async Task Every_endpoint_refuses_who_has_spent_the_limit()
    {
        using var ada = shop.Shopper();
        await Task.WhenAll(Enumerable.Range(0, await RemainingAsync(ada)).Select(_ => ada.GetAsync("/api/orders", Cancelled)));

        await Assert.AllAsync(Endpoint.All, async endpoint =>
        {
            using var response = await ada.SendAsync(new HttpMethod(endpoint.Method), endpoint.Path, cancellationToken: Cancelled);
            Assert.Equal((HttpStatusCode.TooManyRequests, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
            Assert.True(response.Headers.RetryAfter?.Delta > TimeSpan.Zero);
            Assert.Contains("\"requests\";r=0;t=", Header(response, "RateLimit"), StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Orders_beyond_the_limit_are_refused_and_waiting_as_the_answer_says_succeeds()
    {
        using var ada = shop.Shopper();
        HttpResponseMessage refused;
        var passed = 0;
        while ((refused = await OrderAsync(ada)).StatusCode != HttpStatusCode.TooManyRequests)
        {
            passed++;
            using (refused)
                AssertPassed(refused);
        }

        using (refused)
        {
            Assert.True(passed >= LimitedShop.Orders, $"Only {passed} orders passed.");
            Assert.Equal("\"requests\";q=40;w=3600, \"place-order\";q=3;w=6", Header(refused, "RateLimit-Policy"));
            Assert.Contains("\"place-order\";r=0;t=", Header(refused, "RateLimit"), StringComparison.Ordinal);
            var problem = JsonSerializer.Deserialize<JsonElement>(await refused.Content.ReadAsStringAsync(Cancelled));
            Assert.Equal("place-order", Assert.Single(problem.GetProperty("violated-policies").EnumerateArray()).GetString());

            await Task.Delay(refused.Headers.RetryAfter!.Delta!.Value, Cancelled); // as the answer says
        }

        using var accepted = await OrderAsync(ada);
        AssertPassed(accepted);
    }

    [Fact]
    public async Task The_page_that_places_orders_has_the_same_limit_which_looking_at_it_does_not_spend()
    {
        using var ada = shop.Shopper();
        for (var i = 0; i <= LimitedShop.Orders; i++)
        {
            using var looked = await ada.SendAsync(HttpMethod.Get, "/checkout", headers: [("Accept", "text/html")], cancellationToken: Cancelled);
            Assert.Equal(HttpStatusCode.OK, looked.StatusCode);
        }

        // What is sent is no valid form: the limit comes first.
        HttpResponseMessage refused;
        var passed = 0;
        while ((refused = await ada.SendAsync(HttpMethod.Post, "/checkout", headers: [("Accept", "text/html")], cancellationToken: Cancelled)).StatusCode != HttpStatusCode.TooManyRequests)
        {
            passed++;
            refused.Dispose();
        }

        using (refused)
        {
            Assert.True(passed >= LimitedShop.Orders, $"Only {passed} forms passed.");
            Assert.Equal("\"requests\";q=40;w=3600, \"place-order\";q=3;w=6", Header(refused, "RateLimit-Policy"));
            Assert.Contains("\"place-order\";r=0;t=", Header(refused, "RateLimit"), StringComparison.Ordinal);
            Assert.True(refused.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        }
    }

    [Fact]
    public async Task Health_and_static_files_are_not_limited()
    {
        using var ada = shop.Shopper();
        foreach (var path in (string[])["/health", "/alive", "/js/shop.js", "/css/base.css"])
        {
            using var response = await ada.SendAsync(HttpMethod.Get, path, cancellationToken: Cancelled);
            Assert.Equal((path, HttpStatusCode.OK, ""), (path, response.StatusCode, Header(response, "RateLimit")));
        }
    }

    private static Task<HttpResponseMessage> OrderAsync(Shopper shopper) => shopper.SendAsync(
        HttpMethod.Post,
        "/api/orders",
        new { lines = new[] { new { sku = "MUG-RD", quantity = 1 } }, card = Shopper.Pays },
        [("Idempotency-Key", Guid.CreateVersion7().ToString())],
        Cancelled);

    /// <summary>The limits let the order through: it was accepted, or on a busy machine the silos were too slow for it.</summary>
    private static void AssertPassed(HttpResponseMessage response) => Assert.True(
        response.StatusCode is HttpStatusCode.Created or HttpStatusCode.ServiceUnavailable, $"The order was answered with {(int)response.StatusCode}.");

    private static async Task<int> RemainingAsync(Shopper shopper)
    {
        using var response = await shopper.SendAsync(HttpMethod.Get, "/api/orders", cancellationToken: Cancelled);
        var limit = Header(response, "RateLimit");
        Assert.StartsWith("\"requests\";r=", limit, StringComparison.Ordinal);
        return int.Parse(limit.Split(';')[1].AsSpan(2), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static string Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : "";
}
