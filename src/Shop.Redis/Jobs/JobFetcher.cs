using Microsoft.Extensions.Logging;
using Shop.Redis.Streams;

namespace Shop.Redis.Jobs;

/// <summary>
/// Fetches jobs, as many as there are free places, and sleeps when there are none. A fetch whose answer was lost may have given jobs
/// to this worker all the same: before the next one, what is pending here and not known here is given back.
/// </summary>
internal sealed class JobFetcher(JobCommands commands, JobLanes lanes, JobLeases leases, JobWorkerOptions options, JobOutage outage, ILogger logger)
{
    private const int LowestFirstEvery = 16;
    private const int LargestGiveBack = 500;

    private bool _hadGroup;
    private bool _isUnsure;
    private int _fetches;

    /// <summary>Fetches until told to stop.</summary>
    public async Task RunAsync(WakeUps wakeUps, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await wakeUps.SubscribeAsync().ConfigureAwait(false);
                if (_isUnsure)
                    await GiveBackUnseenAsync().ConfigureAwait(false);
                var pause = await FetchAsync(stopping).ConfigureAwait(false);
                outage.Worked();
                if (pause > TimeSpan.Zero)
                    await wakeUps.SleepAsync(pause, stopping).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (JobOutage.IsAway(exception))
            {
                _isUnsure = true;
                await outage.FailedAsync(exception, stopping).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Fetches once; answers how long to sleep.</summary>
    private async Task<TimeSpan> FetchAsync(CancellationToken stopping)
    {
        var room = await lanes.WaitForRoomAsync(stopping).ConfigureAwait(false);
        stopping.ThrowIfCancellationRequested(); // a place may have become free at the same moment
        RunningJob[] jobs = [];
        try
        {
            var fetched = await commands.FetchAsync(room, lowestFirst: ++_fetches % LowestFirstEvery == 0).ConfigureAwait(false);
            jobs = fetched.Jobs;
            if (fetched.GroupWasMissing && _hadGroup)
                logger.QueueLost(options.Queue);
            _hadGroup = true;
            leases.Add(jobs);
            if (jobs.Length == room)
                return TimeSpan.Zero;
            return fetched.RateWait < options.PollInterval ? fetched.RateWait.Value : options.PollInterval;
        }
        finally
        {
            lanes.Run(jobs, room);
        }
    }

    private async Task GiveBackUnseenAsync()
    {
        var pending = await commands.PendingAsync(TimeSpan.Zero, LargestGiveBack, onlyOwn: true).ConfigureAwait(false);
        var given = 0;
        _isUnsure = pending.Length >= LargestGiveBack;
        foreach (var attempt in leases.Unseen(pending, isAll: !_isUnsure))
        {
            if (await commands.GiveBackAsync(attempt.Id, attempt.Place).ConfigureAwait(false))
                given++;
        }

        if (given > 0)
            logger.GaveBackUnseen(options.Queue, given);
    }
}
