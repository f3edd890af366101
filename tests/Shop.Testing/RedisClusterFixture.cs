using System.Globalization;
using Shop.EmbeddedHosting.Servers;
using StackExchange.Redis;

namespace Shop.Testing;

/// <summary>
/// A real Redis Cluster of three primaries, a third of the slots each, on free ports. It refuses scripts whose keys do not share
/// a slot, and moves everything else to three places: what a building block must bear.
/// </summary>
public sealed class RedisClusterFixture : IAsyncDisposable
{
    private const int Slots = 16_384;
    private const int Size = 3;

    private readonly List<RedisServer> _nodes = [];
    private ConnectionMultiplexer? _connection;

    public IReadOnlyList<RedisServer> Nodes => _nodes;

    public IConnectionMultiplexer Connection => _connection ?? throw new InvalidOperationException("InitializeAsync has not run.");

    public IDatabase Database => Connection.GetDatabase();

    public async ValueTask InitializeAsync()
    {
        var busPorts = new List<int>();
        for (var number = 0; number < Size; number++)
        {
            busPorts.Add(FreePort.Next());
            var node = new RedisServer
            {
                DataFolder = TemporaryFolder.Create("redis-cluster"),
                Persistent = false,
                Arguments = ["--cluster-enabled", "yes", "--cluster-port", Text(busPorts[number]), "--cluster-node-timeout", "15000"],
            };
            _nodes.Add(node);
            await node.StartAsync();
            await AskAsync(node, "CLUSTER", "ADDSLOTSRANGE", Text(Slots * number / Size), Text((Slots * (number + 1) / Size) - 1));
        }

        for (var number = 1; number < Size; number++)
            await AskAsync(_nodes[0], "CLUSTER", "MEET", "127.0.0.1", Text(_nodes[number].Port), Text(busPorts[number]));
        foreach (var node in _nodes)
        {
            await Eventually.BecomesAsync(
                () => AskAsync(node, "CLUSTER", "INFO"),
                static info => info.Contains("cluster_state:ok", StringComparison.Ordinal) && info.Contains($"cluster_known_nodes:{Size}", StringComparison.Ordinal),
                $"a cluster of {Size} nodes that is ready, seen from port {node.Port}");
        }

        _connection = await ConnectAsync();
    }

    /// <summary>A further connection, as another process would have.</summary>
    public Task<ConnectionMultiplexer> ConnectAsync()
    {
        var options = new ConfigurationOptions { AllowAdmin = true, AbortOnConnectFail = false, ReconnectRetryPolicy = new LinearRetry(50) };
        foreach (var node in _nodes)
            options.EndPoints.Add("127.0.0.1", node.Port);
        return ConnectionMultiplexer.ConnectAsync(options);
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
            await _connection.DisposeAsync();
        foreach (var node in _nodes)
            await node.DisposeAsync();
    }

    private static async Task<string> AskAsync(RedisServer node, string command, params object[] arguments)
    {
        await using var connection = await RedisFixture.ConnectAsync(node);
        return (string)(await connection.GetServers()[0].ExecuteAsync(command, arguments))!;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
