using System.Globalization;
using Shop.EmbeddedHosting.Servers;
using Shop.Redis.Live;
using Shop.Testing;
using StackExchange.Redis;
using Xunit;

namespace Shop.Redis.Tests.Live;

/// <summary>A server in cluster mode refuses scripts whose keys are in several slots.</summary>
public sealed class LiveClusterTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Logs_and_rooms_work_in_cluster_mode()
    {
        await using var server = new RedisServer
        {
            DataFolder = TemporaryFolder.Create("redis"),
            Persistent = false,
            Arguments = ["--cluster-enabled", "yes", "--cluster-port", FreePort.Next().ToString(CultureInfo.InvariantCulture)],
        };
        await server.StartAsync(Ct);
        await using (var setUp = await RedisFixture.ConnectAsync(server))
        {
            await setUp.GetServers()[0].ExecuteAsync("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
            await Eventually.TrueAsync(async () => ((string)(await setUp.GetServers()[0].ExecuteAsync("CLUSTER", "INFO"))!).Contains("cluster_state:ok", StringComparison.Ordinal), "a cluster that is ready");
        }

        await using var redis = await RedisFixture.ConnectAsync(server);
        Assert.Equal(ServerType.Cluster, redis.GetServers()[0].ServerType);
        var ledger = new Ledger();
        var durable = new LiveLog<Note>(redis, "shop:", LiveBench.Options(), ledger);
        var momentary = new LiveLog<Note>(redis, "shop:", LiveBench.Options());
        await using var feed = new Listener(durable, "feed:alice");
        await using var chat = new Listener(momentary, "chat:lobby");
        for (var number = 1; number <= 3; number++)
        {
            await durable.AppendAsync("feed:alice", number, ledger.Commit(), Ct);
            await momentary.AppendAsync("chat:lobby", new Note(number, "hello"), Ct);
            await feed.HasAllUntilAsync(number);
            await chat.HasAllUntilAsync(number);
        }

        var presence = new Presence(redis, "shop:");
        await using var alice = await presence.EnterAsync("lobby", "alice", Ct);
        Assert.Equal(["alice"], await presence.WhoAsync("lobby", Ct));
    }
}
