using System.Net;
using System.Text.Json;
using Shop.Testing;
using Xunit;

namespace Shop.Tests.Web;

public sealed class RequestLimitTests(Servers servers)
{
    private readonly string _prefix = RedisFixture.NewPrefix();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_customer_has_a_hundred_requests_a_minute_over_all_replicas()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 120).Select(number => (number % 2 == 0 ? first : second).AskAsync(HttpMethod.Get, "/api/things", "ada")));

        Assert.Equal((100, 20), (answers.Count(static answer => answer.Status == 200), answers.Count(static answer => answer.Status == 429)));
        Assert.Equal((200, "\"requests\";r=99;t=60"), await second.AskAsync(HttpMethod.Get, "/api/things", "bob"));
    }

    [Fact]
    public async Task Who_is_not_signed_in_shares_the_limit_of_the_address()
    {
        await using var host = await StartAsync(("Requests:Permits", "2"), ("Requests:Window", "01:00:00"));

        Assert.Equal("200 200 429", await host.StatusesAsync(3, HttpMethod.Get, "/api/things", address: "203.0.113.7"));
        Assert.Equal("429", await host.StatusesAsync(1, HttpMethod.Get, "/api/things", address: "::ffff:203.0.113.7"));
        Assert.Equal("200", await host.StatusesAsync(1, HttpMethod.Get, "/api/things", address: "203.0.113.8"));
        Assert.Equal("200 200", await host.StatusesAsync(2, HttpMethod.Get, "/api/things", user: "ada", address: "203.0.113.7"));
        Assert.Equal("200 200", await host.StatusesAsync(2, HttpMethod.Get, "/api/things", address: "2001:db8:1:2::7"));
        Assert.Equal("429", await host.StatusesAsync(1, HttpMethod.Get, "/api/things", address: "2001:db8:1:2:ffff::8"));
        Assert.Equal("200", await host.StatusesAsync(1, HttpMethod.Get, "/api/things", address: "2001:db8:1:3::7"));
    }

    [Fact]
    public async Task A_refusal_is_problem_details_that_name_the_limit_and_say_when_to_come_back()
    {
        await using var host = await StartAsync(("Requests:Permits", "1"), ("Requests:Window", "00:00:02"));
        using var granted = await host.SendAsync(HttpMethod.Get, "/api/things", "ada");
        using var refused = await host.SendAsync(HttpMethod.Get, "/api/things", "ada");

        Assert.Equal(HttpStatusCode.OK, granted.StatusCode);
        Assert.Equal(("\"requests\";q=1;w=2", "\"requests\";r=0;t=2"), (LimitsHost.Header(granted, "RateLimit-Policy"), LimitsHost.Header(granted, "RateLimit")));
        Assert.Equal("", LimitsHost.Header(granted, "Retry-After"));

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType!.MediaType);
        Assert.Equal("\"requests\";q=1;w=2", LimitsHost.Header(refused, "RateLimit-Policy"));
        Assert.StartsWith("\"requests\";r=0;t=", LimitsHost.Header(refused, "RateLimit"), StringComparison.Ordinal);
        var retryAfter = refused.Headers.RetryAfter!.Delta!.Value;
        Assert.InRange(retryAfter, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        var problem = JsonSerializer.Deserialize<JsonElement>(await refused.Content.ReadAsStringAsync(Ct));
        Assert.Equal("https://iana.org/assignments/http-problem-types#quota-exceeded", problem.GetProperty("type").GetString());
        Assert.Equal(429, problem.GetProperty("status").GetInt32());
        Assert.Equal(["requests"], problem.GetProperty("violated-policies").EnumerateArray().Select(static policy => policy.GetString()));

        await Task.Delay(retryAfter, Ct); // as the answer says
        Assert.Equal((200, "\"requests\";r=0;t=2"), await host.AskAsync(HttpMethod.Get, "/api/things", "ada"));
    }

    [Fact]
    public async Task An_order_takes_from_both_limits_and_a_refused_one_from_neither()
    {
        await using var host = await StartAsync(("PlaceOrder:Capacity", "2"), ("PlaceOrder:Tokens", "1"), ("PlaceOrder:Period", "01:00:00"));

        var orders = new List<(int Status, string Limits)>();
        for (var i = 0; i < 4; i++)
            orders.Add(await host.AskAsync(HttpMethod.Post, "/api/orders", "ada"));

        Assert.Equal([201, 201, 429, 429], orders.Select(static order => order.Status));
        Assert.StartsWith("\"requests\";r=99;t=60, \"place-order\";r=1;t=", orders[0].Limits, StringComparison.Ordinal);
        Assert.StartsWith("\"requests\";r=98;t=", orders[3].Limits, StringComparison.Ordinal);
        Assert.StartsWith("\"requests\";r=97;t=", (await host.AskAsync(HttpMethod.Get, "/api/things", "ada")).Limits, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_answer_to_a_bad_request_carries_the_headers_too()
    {
        await using var host = await StartAsync();

        Assert.Equal((400, "\"requests\";r=99;t=60"), await host.AskAsync(HttpMethod.Get, "/api/bad", "ada"));
        Assert.StartsWith("\"requests\";r=98;t=", (await host.AskAsync(HttpMethod.Get, "/no/such/thing", "ada")).Limits, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_live_stream_counts_once_however_much_it_sends()
    {
        await using var host = await StartAsync(("Requests:Permits", "2"), ("Requests:Window", "01:00:00"));
        using var stream = await host.SendAsync(HttpMethod.Get, "/live", "ada");
        using var events = new StreamReader(await stream.Content.ReadAsStreamAsync(Ct));
        for (var number = 1; number <= 10; number++)
        {
            Assert.Equal($"data: {number}", await events.ReadLineAsync(Ct));
            Assert.Equal("", await events.ReadLineAsync(Ct));
        }

        Assert.Equal("200 429", await host.StatusesAsync(2, HttpMethod.Get, "/api/things", "ada"));
    }

    [Fact]
    public async Task Health_is_not_limited()
    {
        await using var host = await StartAsync(("Requests:Permits", "1"), ("Requests:Window", "01:00:00"));

        Assert.Equal("200 200 200", await host.StatusesAsync(3, HttpMethod.Get, "/health"));
        Assert.Equal((200, ""), await host.AskAsync(HttpMethod.Get, "/alive"));
    }

    private Task<LimitsHost> StartAsync(params (string Name, string Value)[] settings) => LimitsHost.StartAsync(servers.Redis.Connection, _prefix, settings);
}
