using Shop.Testing;
using StackExchange.Redis;
using Xunit;

namespace Shop.Redis.Tests.Locks;

/// <summary>A redis-server for the tests of one class.</summary>
public sealed class OwnRedis : IAsyncLifetime
{
    private readonly RedisFixture _redis = new();

    public IConnectionMultiplexer Connection => _redis.Connection;

    public IDatabase Database => _redis.Database;

    /// <summary>A connection of its own, as another process would have.</summary>
    public Task<ConnectionMultiplexer> ConnectAsync() => RedisFixture.ConnectAsync(_redis.Server);

    public ValueTask InitializeAsync() => _redis.InitializeAsync();

    public ValueTask DisposeAsync() => _redis.DisposeAsync();
}
