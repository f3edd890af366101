using Npgsql;
using Shop.EmbeddedHosting.Servers;
using StackExchange.Redis;

namespace Shop.Benchmarks.Harness;

/// <summary>
/// The servers of one scenario, started when they are first asked for, shared by its sides, gone when it ends. Redis keeps nothing
/// on disk; PostgreSQL runs as it comes: each commit is flushed.
/// </summary>
internal sealed class BenchServers(ProcessTimes processes) : IAsyncDisposable
{
    private RedisServer? _redis;
    private PostgresServer? _postgres;

    public async Task<RedisServer> RedisAsync(CancellationToken cancellationToken)
    {
        if (_redis is null)
        {
            _redis = new RedisServer { DataFolder = ThrowAwayFolder.Create("bench-redis"), Persistent = false };
            await _redis.StartAsync(cancellationToken);
            processes.Watch("redis", [_redis.ProcessId]);
        }

        return _redis;
    }

    /// <summary>A new connection, which the caller disposes: each side has its own.</summary>
    public async Task<ConnectionMultiplexer> ConnectAsync(CancellationToken cancellationToken)
    {
        var options = ConfigurationOptions.Parse((await RedisAsync(cancellationToken)).ConnectionString);
        options.AllowAdmin = true;
        return await ConnectionMultiplexer.ConnectAsync(options);
    }

    public async Task<PostgresServer> PostgresAsync(CancellationToken cancellationToken)
    {
        if (_postgres is null)
        {
            _postgres = new PostgresServer { DataFolder = ThrowAwayFolder.Create("bench-postgres") };
            await _postgres.StartAsync(cancellationToken);
            processes.Watch("postgres", [_postgres.ProcessId], children: true);
        }

        return _postgres;
    }

    /// <summary>Creates an empty database and answers its connection string.</summary>
    public async Task<string> CreateDatabaseAsync(string name, CancellationToken cancellationToken)
    {
        var server = await PostgresAsync(cancellationToken);
        await using var connection = new NpgsqlConnection(server.ConnectionString());
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return server.ConnectionString(name);
    }

    public async ValueTask DisposeAsync()
    {
        processes.Forget("redis");
        processes.Forget("postgres");
        if (_redis is not null)
            await _redis.DisposeAsync();
        if (_postgres is not null)
            await _postgres.DisposeAsync();
    }
}
