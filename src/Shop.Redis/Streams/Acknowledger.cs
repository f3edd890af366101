using System.Threading.Channels;
using StackExchange.Redis;

namespace Shop.Redis.Streams;

/// <summary>
/// Acknowledges in batches: whatever is done while one XACK is under way goes out with the next, so that a busy consumer pays
/// one round trip for hundreds and an idle one waits for nobody. An XACK that fails is tried again until Redis is back; if the
/// process ends first, the entries come again, as at-least-once allows.
/// </summary>
internal sealed class Acknowledger(IDatabase database, RedisKey stream, string group, RedisOutage outage)
{
    private const int MaxBatch = 1000;

    private readonly Channel<RedisValue> _done = Channel.CreateUnbounded<RedisValue>(new UnboundedChannelOptions { SingleReader = true });

    public void Acknowledge(RedisValue entryId) => _done.Writer.TryWrite(entryId);

    /// <summary>Takes no more; <see cref="RunAsync"/> sends what is left and ends.</summary>
    public void Complete() => _done.Writer.TryComplete();

    /// <param name="abandon">Gives up on Redis, at the end of a shutdown.</param>
    public async Task RunAsync(CancellationToken abandon)
    {
        var batch = new List<RedisValue>(MaxBatch);
        while (await _done.Reader.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
        {
            while (batch.Count < MaxBatch && _done.Reader.TryRead(out var id))
                batch.Add(id);
            RedisValue[] ids = [.. batch];
            batch.Clear();
            if (!await outage.RetryAsync(() => database.StreamAcknowledgeAsync(stream, group, ids), abandon).ConfigureAwait(false))
                return;
        }
    }
}
