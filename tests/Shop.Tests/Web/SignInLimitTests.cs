using System.Text.Json;
using Shop.Testing;
using Xunit;

namespace Shop.Tests.Web;

public sealed class SignInLimitTests(Servers servers)
{
    private readonly string _prefix = RedisFixture.NewPrefix();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_account_is_limited_from_wherever_the_tries_come_and_however_it_is_typed()
    {
        await using var host = await StartAsync();

        Assert.Equal("200 200", await TryAsync(host, 2, "ada@example.org", "203.0.113.1"));
        Assert.Equal("200 429", await TryAsync(host, 2, " ADA@example.org", "203.0.113.2"));
        Assert.Equal("200", await TryAsync(host, 1, "bob@example.org", "203.0.113.1"));
    }

    [Fact]
    public async Task An_address_is_limited_whichever_the_account_and_a_refused_try_takes_nothing()
    {
        await using var host = await StartAsync();
        Assert.Equal("200 200 200 429 429", await TryAsync(host, 5, "ada@example.org", "203.0.113.1"));
        Assert.Equal("200 200 429", await TryAsync(host, 3, "bob@example.org", "203.0.113.1")); // five for the address: those refused did not count

        using var refused = await SendAsync(host, "carol@example.org", "203.0.113.1");

        Assert.Equal(429, (int)refused.StatusCode);
        Assert.Equal("\"requests\";q=1000;w=60, \"sign-in-account\";q=3;w=3600, \"sign-in-address\";q=5;w=3600", LimitsHost.Header(refused, "RateLimit-Policy"));
        Assert.Contains("\"sign-in-account\";r=3, \"sign-in-address\";r=0;t=", LimitsHost.Header(refused, "RateLimit"), StringComparison.Ordinal);
        Assert.NotNull(refused.Headers.RetryAfter);
        var problem = JsonSerializer.Deserialize<JsonElement>(await refused.Content.ReadAsStringAsync(Ct));
        Assert.Equal(["sign-in-address"], problem.GetProperty("violated-policies").EnumerateArray().Select(static policy => policy.GetString()));
        Assert.Equal("200", await TryAsync(host, 1, "carol@example.org", "203.0.113.9"));
    }

    [Fact]
    public async Task Many_tries_at_once_on_two_replicas_get_no_more_than_there_are()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync();

        var statuses = await Task.WhenAll(Enumerable.Range(0, 24).Select(number => TryAsync(number % 2 == 0 ? first : second, 1, $"user-{number % 3}@example.org", "203.0.113.1")));

        Assert.Equal(5, statuses.Count(static status => status == "200"));
    }

    [Fact]
    public async Task Without_an_account_the_endpoint_refuses_by_itself()
    {
        await using var host = await StartAsync();

        using var response = await SendAsync(host, null, "203.0.113.1");

        Assert.Equal(400, (int)response.StatusCode);
        Assert.DoesNotContain("sign-in", LimitsHost.Header(response, "RateLimit"), StringComparison.Ordinal);
    }

    private Task<LimitsHost> StartAsync() => LimitsHost.StartAsync(
        servers.Redis.Connection,
        _prefix,
        ("Requests:Permits", "1000"),
        ("SignInPerAccount:Permits", "3"),
        ("SignInPerAccount:Window", "01:00:00"),
        ("SignInPerAddress:Permits", "5"),
        ("SignInPerAddress:Window", "01:00:00"));

    private static Task<string> TryAsync(LimitsHost host, int count, string email, string address) =>
        host.StatusesAsync(count, HttpMethod.Post, "/api/session", address: address, body: new { email });

    private static Task<HttpResponseMessage> SendAsync(LimitsHost host, string? email, string address) =>
        host.SendAsync(HttpMethod.Post, "/api/session", address: address, body: new { email });
}
