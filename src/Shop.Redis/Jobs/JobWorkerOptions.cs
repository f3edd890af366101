using System.Globalization;

namespace Shop.Redis.Jobs;

/// <summary>How a worker works on its queue. The workers of one queue should agree on all but the name and the concurrency.</summary>
public sealed class JobWorkerOptions
{
    /// <summary>The queue, for example <c>mail</c>.</summary>
    public required string Queue { get; init; }

    /// <summary>This worker's name, unique in the queue: two of one name would give each other's jobs back. Default: machine, process and a random part.</summary>
    public string Worker { get; init; } =
        string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.CreateVersion7().ToString("N")[20..]}");

    /// <summary>How many jobs this worker runs at once, 1 or more. Default 16. Never more are fetched than can run, so that no job waits in one worker while another is idle.</summary>
    public int Concurrency { get; init; } = 16;

    /// <summary>How many jobs of the queue run at once over all workers; null (default) for no limit. Exact: a job counts from its delivery until its completion is recorded, that of a dead worker until it is recovered.</summary>
    public int? QueueConcurrency { get; init; }

    /// <summary>How many jobs of the queue are begun in a time over all workers, further attempts included; null (default) for no limit.</summary>
    public JobRate? QueueRate { get; init; }

    /// <summary>After this long without a sign of life from its worker a job is taken for abandoned: the attempt has failed, and the job is tried again by another. Default 15 s, 1 s or more. Renewed every fifth of it, however slow handlers are; that is also what a lost cancellation costs.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How often a worker looks even if nobody wakes it. Default 1 s: the cost of a lost wake-up.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a shutdown waits for running jobs before it cancels them and gives them back. Default 20 s; the host's own shutdown time-out (30 s) must be longer.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long dead jobs are kept. Default 30 days.</summary>
    public TimeSpan KeepDead { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How long cancelled jobs are kept. Default 1 day.</summary>
    public TimeSpan KeepCancelled { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How long a result can be read (longer if the job is kept for longer). Default 1 h.</summary>
    public TimeSpan ResultExpiry { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How often what has expired is removed and the queue is measured. Default 5 s.</summary>
    public TimeSpan JanitorInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a worker shows that it lives.</summary>
    internal TimeSpan RenewInterval => Lease / 5;

    internal void Validate()
    {
        JobKeys.Validate(Queue);
        ArgumentException.ThrowIfNullOrWhiteSpace(Worker);
        if (Concurrency < 1 || QueueConcurrency < 1)
            throw new ArgumentException($"{nameof(Concurrency)} is {Concurrency} and {nameof(QueueConcurrency)} is {QueueConcurrency}; at least 1, or nothing would ever run.");
        if (Lease < TimeSpan.FromSeconds(1))
            throw new ArgumentException($"{nameof(Lease)} is {Lease}; it must be at least one second, or a pause of the garbage collector counts as a death.");
        if (PollInterval <= TimeSpan.Zero || JanitorInterval <= TimeSpan.Zero)
            throw new ArgumentException($"{nameof(PollInterval)} is {PollInterval} and {nameof(JanitorInterval)} is {JanitorInterval}; both must be above zero.");
        if (DrainTimeout < TimeSpan.Zero || KeepDead <= TimeSpan.Zero || KeepCancelled <= TimeSpan.Zero || ResultExpiry <= TimeSpan.Zero)
            throw new ArgumentException($"{nameof(DrainTimeout)} is {DrainTimeout}, {nameof(KeepDead)} {KeepDead}, {nameof(KeepCancelled)} {KeepCancelled}, {nameof(ResultExpiry)} {ResultExpiry}: the first must not be negative, the others must be above zero.");
        QueueRate?.Validate();
    }
}

/// <summary>So many jobs in a time.</summary>
/// <param name="Jobs">How many, 1 or more.</param>
/// <param name="Per">In what time.</param>
public sealed record JobRate(int Jobs, TimeSpan Per)
{
    /// <summary>How many may begin together after a quiet time: in any time of <see cref="Per"/> at most <see cref="Jobs"/> and this many begin. A tenth of <see cref="Jobs"/> (at least 1) when null; 1 spaces them evenly.</summary>
    public int? Burst { get; init; }

    internal int BurstOrDefault => Burst ?? Math.Max(Jobs / 10, 1);

    internal void Validate()
    {
        if (Jobs < 1 || Burst < 1 || Per <= TimeSpan.Zero)
            throw new ArgumentException($"The rate is {Jobs} jobs per {Per} with bursts of {BurstOrDefault}; all must be above zero.");
    }
}
