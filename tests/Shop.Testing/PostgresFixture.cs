using Npgsql;
using Shop.EmbeddedHosting.Servers;

namespace Shop.Testing;

/// <summary>A real PostgreSQL server for the tests of one assembly, on a free port; each test takes a database of its own.</summary>
public sealed class PostgresFixture : IAsyncDisposable
{
    private PostgresServer? _server;

    public PostgresServer Server => _server ?? throw new InvalidOperationException("InitializeAsync has not run.");

    public async ValueTask InitializeAsync()
    {
        // Tests check behaviour, not durability across a power cut: without fsync the suite is several times faster.
        _server = new PostgresServer
        {
            DataFolder = TemporaryFolder.Create("postgres"),
            Settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["fsync"] = "off" },
        };
        await _server.StartAsync();
    }

    /// <summary>Creates an empty database and answers its connection string.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"t{Guid.CreateVersion7():N}";
        await using var connection = new NpgsqlConnection(Server.ConnectionString());
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await command.ExecuteNonQueryAsync();
        return Server.ConnectionString(name);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }
}
