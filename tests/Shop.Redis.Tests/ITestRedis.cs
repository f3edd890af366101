using StackExchange.Redis;

namespace Shop.Redis.Tests;

/// <summary>Where a contract suite runs: on one redis-server, and on a Redis Cluster.</summary>
public interface ITestRedis
{
    IConnectionMultiplexer Connection { get; }

    IDatabase Database => Connection.GetDatabase();

    /// <summary>A connection of its own, as another process would have.</summary>
    Task<ConnectionMultiplexer> ConnectAsync();
}
