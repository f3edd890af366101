using Shop.Testing;
using Xunit;

[assembly: AssemblyFixture(typeof(Shop.Tests.Servers))]

namespace Shop.Tests;

/// <summary>The servers that all tests of this assembly share: a database and a key prefix per test keep them apart.</summary>
public sealed class Servers : IAsyncLifetime
{
    private SuiteTurn? _turn;

    public RedisFixture Redis { get; } = new();

    public PostgresFixture Postgres { get; } = new();

    public async ValueTask InitializeAsync()
    {
        _turn = await SuiteTurn.TakeAsync();
        await Redis.InitializeAsync();
        await Postgres.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Redis.DisposeAsync();
        await Postgres.DisposeAsync();
        _turn?.Dispose();
    }
}
