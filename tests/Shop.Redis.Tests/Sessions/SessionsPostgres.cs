using Npgsql;
using Shop.Testing;
using Xunit;

[assembly: AssemblyFixture(typeof(Shop.Redis.Tests.Sessions.SessionsPostgres))]

namespace Shop.Redis.Tests.Sessions;

/// <summary>A real PostgreSQL behind the sessions, started by the first test that wants it; a database per test.</summary>
public sealed class SessionsPostgres : IAsyncDisposable
{
    private readonly PostgresFixture _postgres = new();
    private readonly Lazy<Task> _started;

    public SessionsPostgres() => _started = new Lazy<Task>(() => _postgres.InitializeAsync().AsTask());

    /// <summary>An empty vault.</summary>
    internal async Task<PostgresVault> NewVaultAsync()
    {
        await _started.Value;
        var vault = new PostgresVault(NpgsqlDataSource.Create(await _postgres.CreateDatabaseAsync() + ";Maximum Pool Size=10"));
        await vault.CreateTableAsync();
        return vault;
    }

    public async ValueTask DisposeAsync()
    {
        if (_started.IsValueCreated)
            await _postgres.DisposeAsync();
    }
}
