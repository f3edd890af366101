using Shop.Contracts;
using Shop.Redis.Jobs;
using Shop.Redis.Locks;
using Shop.Redis.RateLimiting;
using Shop.Redis.Streams;
using Shop.Web.Limits;

namespace Shop.Web.Operations;

/// <summary>What the operators' API and pages show of the system.</summary>
internal sealed class OperationsReader(StreamInspector streams, JobInspector jobs, RedisLocks locks, RedisRateLimits limits, LimitRules rules, TimeProvider clock)
{
    /// <summary>More running jobs than this are not listed.</summary>
    private const int MaxRunning = 20;

    public async Task<IReadOnlyList<StreamView>> StreamsAsync(CancellationToken cancellationToken) => Array.ConvertAll(
        await Task.WhenAll(Streams.All.Select(stream => streams.InspectAsync(stream, cancellationToken))), StreamView.Of);

    public async Task<IReadOnlyList<JobQueueView>> QueuesAsync(CancellationToken cancellationToken) => Array.ConvertAll(
        await Task.WhenAll(Queues.All.Select(queue => jobs.InspectAsync(queue, cancellationToken))), JobQueueView.Of);

    /// <summary>Held locks, oldest first.</summary>
    public async Task<LockList> LocksAsync(int take, CancellationToken cancellationToken)
    {
        var held = new List<HeldLock>();
        await foreach (var one in locks.ListAsync(cancellationToken))
            held.Add(one);
        return new LockList([.. held.OrderByDescending(static one => one.Age).Take(take).Select(LockView.Of)], held.Count);
    }

    /// <summary>Every limit, and who had requests refused in the last hour, the most often refused first.</summary>
    public async Task<LimitList> LimitsAsync(int take, CancellationToken cancellationToken)
    {
        var refused = await limits.RefusedAsync(cancellationToken).ToListAsync(cancellationToken);
        return new LimitList(
            [.. rules.All.Select(rule => PolicyView.Of(rule, refused.Where(one => one.Policy == rule.Policy).Sum(static one => one.Count)))],
            [.. refused.OrderByDescending(static one => one.Count).Take(take).Select(static one => new RefusedView(one.Policy, one.Partition, one.Count))],
            refused.Count,
            limits.IsFallback);
    }

    public async Task<OperationsSnapshot> SnapshotAsync(CancellationToken cancellationToken)
    {
        var queues = await QueuesAsync(cancellationToken);
        var running = await Task.WhenAll(queues.Where(static queue => queue.Running > 0)
            .Select(queue => jobs.ListAsync(queue.Queue, JobState.Running, null, MaxRunning, cancellationToken)));
        return new OperationsSnapshot(
            clock.GetUtcNow(),
            await StreamsAsync(cancellationToken),
            queues,
            [.. running.SelectMany(static page => page.Jobs).Select(static job => new RunningJobView(job.Id, job.Queue, job.Type, job.Progress?.Percent, job.Progress?.Message))],
            (await LocksAsync(0, cancellationToken)).Total);
    }
}

/// <summary>The system at a moment.</summary>
public sealed record OperationsSnapshot(
    DateTimeOffset At, IReadOnlyList<StreamView> Streams, IReadOnlyList<JobQueueView> Queues, IReadOnlyList<RunningJobView> Running, int Locks);

/// <summary>A job that runs, and how far it says it is.</summary>
public sealed record RunningJobView(Guid Id, string Queue, string Type, double? Percent, string? Message);
