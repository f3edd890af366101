namespace Shop.Redis.Streams;

/// <summary>
/// Whether this consumer may work on the partition. With <see cref="StreamConsumerGroupOptions.Ordered"/> that is a lease in
/// Redis which one consumer of the group holds and renews; its end is judged by this process's own clock, counted from before the
/// request was sent, so that a consumer which was paused stops before another may begin. Without, every consumer may.
/// </summary>
internal sealed class PartitionOwner(GroupCommands commands, StreamConsumerGroupOptions options, TimeProvider clock)
{
    private long _heldUntil = long.MinValue;

    /// <summary>True while nobody else can own the partition.</summary>
    public bool MayWork => !options.Ordered || clock.GetTimestamp() < Volatile.Read(ref _heldUntil);

    /// <summary>Zero when this consumer owns the partition now; else how long another's lease lasts.</summary>
    public async Task<TimeSpan> TryHoldAsync()
    {
        if (!options.Ordered)
            return TimeSpan.Zero;
        var until = LeaseEnd();
        var wait = await commands.HoldAsync(options.ClaimAfter).ConfigureAwait(false);
        Volatile.Write(ref _heldUntil, wait == TimeSpan.Zero ? until : long.MinValue);
        return wait;
    }

    /// <summary>Extends a lease that lasts. One that has ended stays so until <see cref="TryHoldAsync"/>: another may have worked since.</summary>
    public async Task RenewAsync()
    {
        if (!options.Ordered || !MayWork)
            return;
        var until = LeaseEnd();
        var wait = await commands.HoldAsync(options.ClaimAfter).ConfigureAwait(false);
        if (MayWork)
            Volatile.Write(ref _heldUntil, wait == TimeSpan.Zero ? until : long.MinValue);
    }

    /// <summary>Leaves the partition to others, at once.</summary>
    public Task ReleaseAsync()
    {
        Volatile.Write(ref _heldUntil, long.MinValue);
        return commands.ReleaseAsync();
    }

    private long LeaseEnd() => clock.GetTimestamp() + (long)(options.ClaimAfter.TotalSeconds * clock.TimestampFrequency);
}
