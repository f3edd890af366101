using Shop.Testing;
using StackExchange.Redis;
using Xunit;

namespace Shop.Redis.Tests;

/// <summary>A redis-server for the tests of one class. They run one after the other, so that one may pause, stop or wipe it.</summary>
public sealed class OwnRedis : ITestRedis, IAsyncLifetime
{
    private readonly RedisFixture _redis = new();

    public IConnectionMultiplexer Connection => _redis.Connection;

    public IDatabase Database => _redis.Database;

    public Task<ConnectionMultiplexer> ConnectAsync() => RedisFixture.ConnectAsync(_redis.Server);

    public ValueTask InitializeAsync() => _redis.InitializeAsync();

    public ValueTask DisposeAsync() => _redis.DisposeAsync();
}
