using Microsoft.Extensions.Logging;

namespace Shop.Redis.Streams;

/// <summary>
/// Reads the stream for one consumer: waits until it may work, catches up with what is pending, then reads what is new, as much as
/// the lanes have room for, and sleeps when there is nothing. Any failure begins that again: a read whose reply was lost has given
/// entries to this consumer all the same, and catching up finds them.
/// </summary>
internal sealed class EntryReader(
    GroupCommands commands, StreamConsumerGroupOptions options, KeyLanes lanes, EntryIntake intake, PartitionOwner owner, Recoverer recoverer, RedisOutage outage, ILogger logger)
{
    private int _failures;
    private bool _hadGroup;

    /// <summary>Reads until <paramref name="stopping"/> is cancelled, and then throws <see cref="OperationCanceledException"/>.</summary>
    /// <param name="wakeUps">Signalled when something was appended.</param>
    /// <param name="handOvers">Signalled when another consumer of the group left.</param>
    /// <param name="stopping">Ends it.</param>
    public async Task RunAsync(WakeUps wakeUps, WakeUps handOvers, CancellationToken stopping)
    {
        while (true)
        {
            stopping.ThrowIfCancellationRequested();
            try
            {
                await wakeUps.SubscribeAsync().ConfigureAwait(false);
                await handOvers.SubscribeAsync().ConfigureAwait(false);
                var standBy = await owner.TryHoldAsync().ConfigureAwait(false);
                Worked();
                if (standBy > TimeSpan.Zero)
                {
                    await handOvers.SleepAsync(standBy < options.RenewInterval ? standBy : options.RenewInterval, stopping).ConfigureAwait(false);
                    continue;
                }

                await recoverer.CatchUpAsync(stopping).ConfigureAwait(false);
                _hadGroup = true;
                await ReadNewAsync(wakeUps, stopping).ConfigureAwait(false);
                await StepBackAsync().ConfigureAwait(false);
            }
            catch (Exception exception) when (RedisOutage.IsGroupMissing(exception))
            {
                await CreateGroupAsync(stopping).ConfigureAwait(false);
            }
            catch (Exception exception) when (RedisOutage.IsAway(exception))
            {
                await FailedAsync(exception, stopping).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Returns when the partition is no longer this consumer's.</summary>
    private async Task ReadNewAsync(WakeUps wakeUps, CancellationToken stopping)
    {
        while (true)
        {
            var room = Math.Min(options.BatchSize, await lanes.WaitForRoomAsync(stopping).ConfigureAwait(false));
            stopping.ThrowIfCancellationRequested();
            if (!owner.MayWork)
                return;

            var entries = await commands.ReadNewAsync(room).ConfigureAwait(false);
            Worked();
            foreach (var entry in entries)
                intake.Take(entry, redelivered: false);
            if (entries.Length < room)
                await wakeUps.SleepAsync(options.PollInterval, stopping).ConfigureAwait(false);
        }
    }

    /// <summary>Another may own the partition: nothing more is begun here, and what is held is given up to it.</summary>
    private async Task StepBackAsync()
    {
        var neverBegan = lanes.Forget();
        logger.SteppedBack(options.Stream, options.Group, options.Consumer);
        await commands.HandBackAsync(options.ClaimAfter * 10, neverBegan).ConfigureAwait(false);
        await owner.ReleaseAsync().ConfigureAwait(false);
    }

    private async Task CreateGroupAsync(CancellationToken stopping)
    {
        // Only a group that never was may skip the past; one that was lost reads everything that is there again.
        var from = _hadGroup ? "0-0" : options.StartFrom;
        try
        {
            if (await commands.CreateGroupAsync(from).ConfigureAwait(false))
            {
                if (_hadGroup)
                    logger.GroupLost(options.Stream, options.Group);
                else
                    logger.GroupCreated(options.Stream, options.Group, from);
            }
        }
        catch (Exception exception) when (RedisOutage.IsAway(exception))
        {
            await FailedAsync(exception, stopping).ConfigureAwait(false);
        }
    }

    private void Worked()
    {
        _failures = 0;
        outage.Worked();
    }

    private Task FailedAsync(Exception exception, CancellationToken stopping)
    {
        outage.Failed(exception);
        return outage.PauseAsync(++_failures, stopping);
    }
}
