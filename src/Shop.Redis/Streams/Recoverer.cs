using Microsoft.Extensions.Logging;

namespace Shop.Redis.Streams;

/// <summary>
/// Takes over what dead consumers left pending, and shows that this one lives. Every entry held here is renewed (XCLAIM JUSTID,
/// which resets its idle time and counts no delivery) three times in <see cref="StreamConsumerGroupOptions.ClaimAfter"/>; so an
/// entry that is idle for longer has no living holder, however slow handlers are. Those include entries that were given to this
/// consumer in a reply that got lost. XPENDING with IDLE finds them, and XCLAIM with the same minimum takes only what is still
/// idle: of two consumers that find an entry, one gets it.
/// </summary>
internal sealed class Recoverer(GroupCommands commands, StreamConsumerGroupOptions options, KeyLanes lanes, EntryIntake intake, PartitionOwner owner, ILogger logger)
{
    private const int PageSize = 256;

    /// <summary>
    /// Before anything new is read: an owner takes everything that is pending, whoever had it, so that the order of keys goes on where
    /// it stopped; one consumer of many takes what its own name still holds.
    /// </summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        for (string? from = "-"; from is not null;)
        {
            var free = await lanes.WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
            if (!owner.MayWork)
                return;
            from = await TakePageAsync(TimeSpan.Zero, from, Math.Min(PageSize, free), onlyOwn: !options.Ordered).ConfigureAwait(false);
        }
    }

    /// <summary>Renews what is held, then takes over what is idle.</summary>
    public async Task RunOnceAsync()
    {
        await owner.RenewAsync().ConfigureAwait(false);
        foreach (var ids in lanes.HeldIds().Chunk(1000))
            lanes.Forget(await commands.RenewAsync(ids).ConfigureAwait(false));

        for (string? from = "-"; from is not null && owner.MayWork && lanes.FreePlaces is > 0 and var free;)
            from = await TakePageAsync(options.ClaimAfter, from, Math.Min(PageSize, free), onlyOwn: false).ConfigureAwait(false);
    }

    private async Task<string?> TakePageAsync(TimeSpan idle, string from, int count, bool onlyOwn)
    {
        var (entries, next) = await commands.TakeOverAsync(idle, from, count, onlyOwn).ConfigureAwait(false);
        foreach (var entry in entries)
            intake.Take(entry, redelivered: true);
        if (entries.Length > 0)
            logger.TookOver(options.Stream, options.Group, entries.Length);
        return next;
    }
}
