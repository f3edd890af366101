using Shop.EmbeddedHosting.Servers;
using StackExchange.Redis;

namespace Shop.Testing;

/// <summary>
/// A real redis-server for the tests of one assembly, on a free port. Isolation is a key prefix per test
/// (<see cref="NewPrefix"/>); a test that kills, pauses or wipes takes a server of its own (<see cref="StartServerAsync"/>).
/// </summary>
public sealed class RedisFixture : IAsyncDisposable
{
    private RedisServer? _server;
    private ConnectionMultiplexer? _connection;

    public RedisServer Server => _server ?? throw new InvalidOperationException("InitializeAsync has not run.");

    public IConnectionMultiplexer Connection => _connection ?? throw new InvalidOperationException("InitializeAsync has not run.");

    public IDatabase Database => Connection.GetDatabase();

    /// <summary>A key prefix that no other test uses, for example <c>t0197a3…:</c>.</summary>
    public static string NewPrefix() => $"t{Guid.CreateVersion7():N}:";

    /// <summary>A further server that the caller may kill, pause and wipe, and disposes.</summary>
    public static async Task<RedisServer> StartServerAsync(bool persistent = true, int? port = null)
    {
        var server = new RedisServer(port) { DataFolder = TemporaryFolder.Create("redis"), Persistent = persistent };
        await server.StartAsync();
        return server;
    }

    /// <summary>A connection that survives the server's absence, with administrative commands (FLUSHALL) allowed.</summary>
    public static async Task<ConnectionMultiplexer> ConnectAsync(RedisServer server)
    {
        var options = ConfigurationOptions.Parse(server.ConnectionString);
        options.AllowAdmin = true;
        options.AbortOnConnectFail = false;
        options.ReconnectRetryPolicy = new LinearRetry(50);
        return await ConnectionMultiplexer.ConnectAsync(options);
    }

    public async ValueTask InitializeAsync()
    {
        _server = await StartServerAsync(persistent: false);
        _connection = await ConnectAsync(_server);
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
            await _connection.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }
}
