using System.Threading.Channels;
using StackExchange.Redis;

namespace Shop.Redis.Streams;

/// <summary>
/// Acknowledges in batches: whatever is done while one XACK is under way goes out with the next, so that a busy consumer pays
/// one round trip for hundreds and an idle one waits for nobody. An XACK that fails is tried again until Redis is back; if the
/// process ends first, the entries come again, as at-least-once allows.
/// </summary>
internal sealed class Acknowledger(GroupCommands commands, RedisOutage outage)
{
    private const int MaxBatch = 1000;

    private readonly Channel<string> _done = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });

    public void Acknowledge(string entryId) => _done.Writer.TryWrite(entryId);

    /// <summary>Takes no more; <see cref="RunAsync"/> sends what is left and ends.</summary>
    public void Complete() => _done.Writer.TryComplete();

    /// <param name="lanes">Told what is confirmed.</param>
    /// <param name="abandon">Gives up on Redis, at the end of a shutdown.</param>
    public async Task RunAsync(KeyLanes lanes, CancellationToken abandon)
    {
        var batch = new string[MaxBatch];
        while (await _done.Reader.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
        {
            var count = 0;
            while (count < MaxBatch && _done.Reader.TryRead(out var id))
                batch[count++] = id;
            var ids = new RedisValue[count];
            for (var i = 0; i < count; i++)
                ids[i] = batch[i];
            if (!await outage.RetryAsync(() => commands.AcknowledgeAsync(ids), abandon).ConfigureAwait(false))
                return;
            lanes.Release(batch.AsSpan(0, count));
        }
    }
}
