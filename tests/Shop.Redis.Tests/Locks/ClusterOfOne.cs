using Shop.EmbeddedHosting.Servers;
using Shop.Testing;
using StackExchange.Redis;

namespace Shop.Redis.Tests.Locks;

/// <summary>A Redis Cluster with a single node: it refuses scripts whose keys do not share a slot.</summary>
internal sealed class ClusterOfOne : IAsyncDisposable
{
    private readonly RedisServer _server;

    private ClusterOfOne(RedisServer server, ConnectionMultiplexer connection)
    {
        _server = server;
        Connection = connection;
    }

    public ConnectionMultiplexer Connection { get; }

    public static async Task<ClusterOfOne> StartAsync()
    {
        var server = new RedisServer { DataFolder = TemporaryFolder.Create("redis-cluster"), Persistent = false, Arguments = ["--cluster-enabled", "yes"] };
        await server.StartAsync();
        await using (var admin = await RedisFixture.ConnectAsync(server))
        {
            await admin.GetServers()[0].ExecuteAsync("CLUSTER", "ADDSLOTSRANGE", 0, 16383);
            await Eventually.TrueAsync(
                async () => ((string)(await admin.GetServers()[0].ExecuteAsync("CLUSTER", "INFO"))!).Contains("cluster_state:ok", StringComparison.Ordinal),
                "the cluster to be up");
        }

        return new ClusterOfOne(server, await RedisFixture.ConnectAsync(server));
    }

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        await _server.DisposeAsync();
    }
}
