using StackExchange.Redis;

namespace Shop.Messaging.Relaying;

/// <summary>Asks a stream for single entries. XRANGE id id.</summary>
internal sealed class StreamEntries(IConnectionMultiplexer redis, OutboxOptions options)
{
    public async Task<bool> ExistsAsync(string stream, string entryId) =>
        await redis.GetDatabase().StreamRangeAsync($"{options.KeyPrefix}{stream}:{{0}}", entryId, entryId, count: 1).ConfigureAwait(false) is not [];
}
