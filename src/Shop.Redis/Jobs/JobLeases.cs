using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Shop.Redis.Jobs;

/// <summary>
/// What this worker holds: renews the leases, learns which are lost and which jobs are to be cancelled, and cancels the tokens. A
/// lease ends by this process's own clock too, a tenth early and counted from before the request was sent, so that an attempt is
/// told to stop before another may have its job, also while Redis does not answer.
/// </summary>
internal sealed class JobLeases(JobCommands commands, JobWorkerOptions options, TimeProvider clock, ILogger logger)
{
    private const int LargestRenewal = 500;

    private readonly HashSet<RunningJob> _held = [];
    private readonly HashSet<string> _abandoned = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    public void Add(RunningJob[] jobs)
    {
        lock (_gate)
            _held.UnionWith(jobs);
    }

    public void Remove(IEnumerable<RunningJob> jobs)
    {
        lock (_gate)
            _held.ExceptWith(jobs);
    }

    /// <summary>Its lease is lost: it has ended here, and its entry waits for whoever takes it over.</summary>
    public void Abandon(RunningJob job)
    {
        lock (_gate)
        {
            _held.Remove(job);
            _abandoned.Add(job.Place.ToString());
        }
    }

    /// <summary>Those of the attempts pending for this worker of which it knows nothing: they were given to it in an answer that was lost.</summary>
    /// <param name="pending">The attempts.</param>
    /// <param name="isAll">Whether there are no others: what was abandoned and is not among them is forgotten.</param>
    public PendingAttempt[] Unseen(PendingAttempt[] pending, bool isAll)
    {
        lock (_gate)
        {
            if (isAll)
                _abandoned.IntersectWith(pending.Select(static attempt => attempt.Place));
            var seen = _held.Select(static job => job.Place.ToString()).Concat(_abandoned).ToHashSet(StringComparer.Ordinal);
            return Array.FindAll(pending, attempt => !seen.Contains(attempt.Place));
        }
    }

    public RunningJob[] Held()
    {
        lock (_gate)
            return [.. _held];
    }

    /// <summary>Cancels every attempt that has not ended.</summary>
    public void StopAll(JobStop reason)
    {
        foreach (var job in Held())
            Stop(job, reason);
    }

    /// <summary>Somebody cancelled a job; perhaps one that runs here.</summary>
    public void Cancel(RedisValue id)
    {
        foreach (var job in Held())
        {
            if (job.Id == id)
                Stop(job, JobStop.Cancelled);
        }
    }

    /// <summary>Shows that this worker lives, and renews everything that it holds; answers when to do it again. It is the slow poll for lost cancellations too.</summary>
    public async Task<TimeSpan> RenewAsync()
    {
        foreach (var jobs in Held().Chunk(LargestRenewal).DefaultIfEmpty([]))
        {
            var sent = clock.GetTimestamp();
            var (lost, cancelled) = await commands.RenewAsync(jobs).ConfigureAwait(false);
            foreach (var job in jobs)
            {
                if (lost.Contains(job.Place))
                {
                    Stop(job, JobStop.LeaseLost);
                    continue;
                }

                (job.LeasedFrom, job.IsNoted) = (sent, true);
                if (cancelled.Contains(job.Id))
                    Stop(job, JobStop.Cancelled);
            }
        }

        return options.RenewInterval;
    }

    /// <summary>Ends leases by this process's clock, until told to stop.</summary>
    public async Task WatchAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            await Task.Delay(options.Lease / 10, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var job in Held())
            {
                if (clock.GetElapsedTime(job.LeasedFrom) > options.Lease * 0.9)
                    Stop(job, JobStop.LeaseLost);
            }
        }
    }

    /// <summary>An attempt whose end is being recorded has nothing left to stop.</summary>
    private void Stop(RunningJob job, JobStop reason)
    {
        if (job.End is null && job.Stop(reason, logger) && reason == JobStop.LeaseLost)
            logger.LeaseLost(options.Queue, job.Record.Type, job.Id.ToString(), job.Record.Attempt);
    }
}
