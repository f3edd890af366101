using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Shop.Redis.Streams;

/// <summary>
/// Takes over what dead consumers left pending, and shows that this one lives. Every entry held here is renewed (XCLAIM JUSTID,
/// which resets its idle time and counts no delivery) three times in <see cref="StreamConsumerGroupOptions.ClaimAfter"/>; so an
/// entry that is idle for longer has no living holder, however slow handlers are. XPENDING with IDLE finds those, with the
/// delivery count that XAUTOCLAIM does not give, and XCLAIM with the same minimum takes only what is still idle: of two
/// consumers that find an entry, one gets it.
/// </summary>
internal sealed class Recoverer(IDatabase database, StreamKeys keys, StreamConsumerGroupOptions options, KeyLanes lanes, EntryIntake intake, ILogger logger)
{
    private const int ScanSize = 256;

    /// <summary>How often to run.</summary>
    public TimeSpan Interval { get; } = options.ClaimAfter / 3 < TimeSpan.FromSeconds(2) ? options.ClaimAfter / 3 : TimeSpan.FromSeconds(2);

    public async Task RunOnceAsync()
    {
        await RenewAsync().ConfigureAwait(false);
        await TakeOverAsync().ConfigureAwait(false);
    }

    private async Task RenewAsync()
    {
        foreach (var ids in lanes.HeldIds().Chunk(1000))
            await database.StreamClaimIdsOnlyAsync(keys.Stream, options.Group, options.Consumer, 0, Array.ConvertAll(ids, static id => (RedisValue)id)).ConfigureAwait(false);
    }

    private async Task TakeOverAsync()
    {
        var idle = (long)options.ClaimAfter.TotalMilliseconds;
        var free = Math.Min(ScanSize, lanes.FreePlaces);
        if (free <= 0)
            return;

        var abandoned = await database.StreamPendingMessagesAsync(keys.Stream, options.Group, free, RedisValue.Null, "-", "+", idle).ConfigureAwait(false);
        var ids = Array.ConvertAll(Array.FindAll(abandoned, entry => entry.ConsumerName != options.Consumer), static entry => entry.MessageId);
        if (ids.Length == 0)
            return;

        // JUSTID first would be cheaper, but the entry itself is needed; its count is corrected when the delivery is (recount.lua).
        var claimed = await database.StreamClaimAsync(keys.Stream, options.Group, options.Consumer, idle, ids).ConfigureAwait(false);
        var taken = 0;
        foreach (var entry in claimed)
        {
            if (!entry.IsNull)
                taken++;
            intake.Take(entry, redelivered: true);
        }

        if (taken > 0)
            logger.TookOver(options.Stream, options.Group, taken);
    }
}
