using StackExchange.Redis;

namespace Shop.Redis.Streams;

/// <summary>
/// Tells a writer which of its entries a stream still holds: after a restart or a failover, the ones that are gone were
/// lost (or trimmed), and the writer may append their messages again.
/// </summary>
/// <param name="redis">The connection.</param>
/// <param name="keyPrefix">Put before every key; the producer's.</param>
public sealed class StreamEntries(IConnectionMultiplexer redis, string keyPrefix)
{
    private readonly IDatabase _database = redis.GetDatabase();

    /// <summary>Answers for each entry id whether the stream holds it. One pipelined XRANGE each: ask for some hundreds at a time.</summary>
    /// <param name="stream">The stream's name.</param>
    /// <param name="entryIds">What <see cref="StreamProducer.AppendAsync(string, IReadOnlyList{StreamMessage}, CancellationToken)"/> answered.</param>
    /// <param name="ct">Stops the waiting.</param>
    /// <exception cref="RedisException">Redis did not answer.</exception>
    public async Task<bool[]> ExistAsync(string stream, IReadOnlyList<string> entryIds, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(entryIds);
        var key = new StreamKeys(keyPrefix, stream, partition: 0).Stream;
        var found = await Task.WhenAll(entryIds.Select(id => _database.StreamRangeAsync(key, id, id, count: 1))).WaitAsync(ct).ConfigureAwait(false);
        return Array.ConvertAll(found, static entries => entries.Length == 1);
    }
}
