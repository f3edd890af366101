using Shop.Testing;
using StackExchange.Redis;
using Xunit;

[assembly: AssemblyFixture(typeof(Shop.Redis.Tests.ClusterRedis))]

namespace Shop.Redis.Tests;

/// <summary>A Redis Cluster of three nodes that all contract suites of this assembly share; a key prefix per test keeps them apart.</summary>
public sealed class ClusterRedis : ITestRedis, IAsyncLifetime
{
    private readonly RedisClusterFixture _cluster = new();
    private SuiteTurn? _turn;

    public IConnectionMultiplexer Connection => _cluster.Connection;

    public Task<ConnectionMultiplexer> ConnectAsync() => _cluster.ConnectAsync();

    public async ValueTask InitializeAsync()
    {
        _turn = await SuiteTurn.TakeAsync();
        await _cluster.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        _turn?.Dispose();
    }
}
