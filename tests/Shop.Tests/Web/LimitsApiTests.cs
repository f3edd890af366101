using Shop.Testing;
using Xunit;

namespace Shop.Tests.Web;

public sealed class LimitsApiTests(Servers servers)
{
    [Fact]
    public async Task Operators_see_the_limits_who_was_refused_and_how_a_limit_stands()
    {
        await using var host = await LimitsHost.StartAsync(
            servers.Redis.Connection, RedisFixture.NewPrefix(), ("Requests:Permits", "50"), ("Requests:Window", "01:00:00"), ("PlaceOrder:Capacity", "2"), ("PlaceOrder:Tokens", "1"), ("PlaceOrder:Period", "01:00:00"));
        await host.StatusesAsync(5, HttpMethod.Post, "/api/orders", "ada");
        await host.StatusesAsync(3, HttpMethod.Post, "/api/orders", "bob");

        var all = await host.GetJsonAsync("/api/operations/limits?take=1");
        Assert.Equal(
            ["requests sliding-window 50 3600 0", "place-order token-bucket 2 7200 4", "sign-in-account sliding-window 10 300 0", "sign-in-address sliding-window 30 300 0"],
            all.GetProperty("policies").EnumerateArray().Select(static policy =>
                $"{policy.GetProperty("policy")} {policy.GetProperty("kind")} {policy.GetProperty("permits")} {policy.GetProperty("windowSeconds")} {policy.GetProperty("refused")}"));
        var refused = Assert.Single(all.GetProperty("refused").EnumerateArray());
        Assert.Equal(("place-order", "user:ada", 3), (refused.GetProperty("policy").GetString(), refused.GetProperty("partition").GetString(), refused.GetProperty("count").GetInt32()));
        Assert.Equal((2, false), (all.GetProperty("total").GetInt32(), all.GetProperty("fallback").GetBoolean()));

        var ada = await host.GetJsonAsync("/api/operations/limits/requests?partition=user:ada");
        Assert.Equal((48, 50, 0), (ada.GetProperty("remaining").GetInt32(), ada.GetProperty("permits").GetInt32(), ada.GetProperty("refused").GetInt32()));
        var again = await host.GetJsonAsync("/api/operations/limits/place-order?partition=user:ada");
        Assert.Equal((0, 3), (again.GetProperty("remaining").GetInt32(), again.GetProperty("refused").GetInt32()));
        Assert.InRange(again.GetProperty("nextAfterSeconds").GetDouble(), 3000, 3600);
    }

    [Theory]
    [InlineData("/api/operations/limits?take=0", 400)]
    [InlineData("/api/operations/limits/requests", 400)]
    [InlineData("/api/operations/limits/no-such?partition=user:ada", 404)]
    public async Task A_bad_question_is_answered_with_what_is_wrong(string path, int status)
    {
        await using var host = await LimitsHost.StartAsync(servers.Redis.Connection, RedisFixture.NewPrefix());

        using var response = await host.SendAsync(HttpMethod.Get, path);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
    }
}
