using StackExchange.Redis;

namespace Shop.Messaging.Relaying;

/// <summary>
/// The outbox's own key in Redis: <c>{prefix}outbox:{outbox id}:epoch</c>, a string, without expiry. It holds the epoch
/// that the table <c>outbox_redis</c> holds too; where they differ, Redis lost its memory. Losing the key costs one
/// refill of the streams from the table, so it must not be evicted (<c>maxmemory-policy noeviction</c>).
/// </summary>
internal sealed class RedisMarker(IConnectionMultiplexer redis, OutboxOptions options)
{
    private string? _key;

    /// <summary>Tells whose marker it is; before that, it reads as missing.</summary>
    public void Use(Guid outboxId) => _key ??= $"{options.KeyPrefix}outbox:{outboxId:N}:epoch";

    /// <summary>The epoch that Redis holds, or null. GET.</summary>
    public async Task<string?> ReadAsync()
    {
        if (_key is null)
            return null;

        // Without a connection a command would wait out its time-out in the client's backlog.
        if (!redis.IsConnected)
            throw new RedisConnectionException(ConnectionFailureType.UnableToConnect, CommandFlags.None, $"Redis is not connected ({redis.GetStatus()}).");
        return await redis.GetDatabase().StringGetAsync(_key).ConfigureAwait(false);
    }

    /// <summary>The epoch, and the run id of the server that holds it: another one means a restart or a failover. GET, INFO server.</summary>
    public async Task<(string? Epoch, string RunId)> ProbeAsync()
    {
        if (await FindServerAsync().ConfigureAwait(false) is not { } server)
            throw new RedisConnectionException(ConnectionFailureType.UnableToResolvePhysicalConnection, CommandFlags.None, $"No Redis server is known for the key {_key}.");

        var info = await server.InfoAsync("server").ConfigureAwait(false);
        var runId = info.SelectMany(static section => section).First(static pair => pair.Key == "run_id").Value;
        return (await ReadAsync().ConfigureAwait(false), runId);
    }

    /// <summary>Writes the epoch. SET.</summary>
    public Task WriteAsync(string epoch) => redis.GetDatabase().StringSetAsync(_key, epoch);

    private async Task<IServer?> FindServerAsync()
    {
        if (!redis.IsConnected)
            return null;

        var endpoint = await redis.GetDatabase().IdentifyEndpointAsync(_key, CommandFlags.DemandMaster).ConfigureAwait(false);
        return endpoint is null ? null : redis.GetServer(endpoint);
    }
}
