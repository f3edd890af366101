using Shop.EmbeddedHosting.Servers;
using Shop.Testing;
using StackExchange.Redis;
using Xunit;

namespace Shop.Tests.Web;

public sealed class LimitOutageTests
{
    [Theory]
    [InlineData("Local", "200 200 429", "\"requests\";q=2;w=3600")] // five, of which a replica of two takes its share
    [InlineData("Allow", "200 200 200", "")]
    [InlineData("Deny", "503 503 503", "")]
    public async Task While_redis_is_away_the_fallback_of_the_settings_decides(string fallback, string statuses, string policy)
    {
        await using var server = await RedisFixture.StartServerAsync(persistent: false);
        await using var redis = await ConnectAsync(server);
        await using var host = await LimitsHost.StartAsync(redis, "shop:", ("Requests:Permits", "5"), ("Requests:Window", "01:00:00"), ("Replicas", "2"), ("WhenAway", fallback));
        Assert.Equal((200, "\"requests\";r=4;t=3600"), await host.AskAsync(HttpMethod.Get, "/api/things", "ada"));

        await server.StopAsync();

        Assert.Equal(statuses, await host.StatusesAsync(3, HttpMethod.Get, "/api/things", "ada"));
        using var answer = await host.SendAsync(HttpMethod.Get, "/api/things", "ada");
        Assert.Equal(policy, LimitsHost.Header(answer, "RateLimit-Policy"));
        Assert.Equal(fallback == "Allow", answer.Headers.RetryAfter is null);
    }

    [Fact]
    public async Task The_limits_of_all_replicas_hold_again_when_redis_is_back()
    {
        await using var server = await RedisFixture.StartServerAsync(persistent: false);
        await using var redis = await ConnectAsync(server);
        await using var host = await LimitsHost.StartAsync(redis, "shop:", ("Requests:Permits", "6"), ("Requests:Window", "01:00:00"), ("Replicas", "2"));
        await server.StopAsync();
        Assert.Equal("200 200 200 429", await host.StatusesAsync(4, HttpMethod.Get, "/api/things", "ada"));

        await server.StartAsync(TestContext.Current.CancellationToken);

        await Eventually.BecomesAsync(
            async () =>
            {
                using var answer = await host.SendAsync(HttpMethod.Get, "/api/things", $"somebody-{Guid.CreateVersion7():N}");
                return LimitsHost.Header(answer, "RateLimit-Policy");
            },
            static policy => policy == "\"requests\";q=6;w=3600",
            "the whole limit");
        Assert.Equal("200 200 200 200 200 200 429", await host.StatusesAsync(7, HttpMethod.Get, "/api/things", "ada"));
    }

    /// <summary>As the services do: a command that cannot be sent fails at once, and is not sent later.</summary>
    private static async Task<ConnectionMultiplexer> ConnectAsync(RedisServer server)
    {
        var options = ConfigurationOptions.Parse(server.ConnectionString);
        options.AbortOnConnectFail = false;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.ReconnectRetryPolicy = new LinearRetry(50);
        return await ConnectionMultiplexer.ConnectAsync(options);
    }
}
