namespace Shop.Redis.Jobs;

/// <summary>What is particular about one job; what is left null comes from its <see cref="JobType{TArguments}"/>.</summary>
public sealed record JobOptions
{
    /// <summary>Nothing particular.</summary>
    public static readonly JobOptions None = new();

    /// <summary>The job's id; a new UUIDv7 when null. A job whose id is still known (waiting, running, dead, cancelled, or kept after success) is not enqueued again: bring your own id to make enqueueing repeatable.</summary>
    public Guid? Id { get; init; }

    /// <summary>Before or after the others.</summary>
    public JobPriority? Priority { get; init; }

    /// <summary>How long it waits before it may run, by Redis's clock. Not together with <see cref="RunAt"/>.</summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>When it may run; at once when that is past.</summary>
    public DateTimeOffset? RunAt { get; init; }

    /// <summary>
    /// Deduplication: while a job with this key waits (delayed ones too) or runs in the queue, another one is not enqueued, and its
    /// enqueuer gets the first one's id. Up to 512 characters, no line breaks.
    /// </summary>
    public string? UniqueKey { get; init; }

    /// <summary>How much longer the key holds after the job has succeeded. Default zero. A job that dies or is cancelled frees its key at once.</summary>
    public TimeSpan UniqueFor { get; init; }

    /// <summary>As <see cref="JobType{TArguments}.MaxAttempts"/>.</summary>
    public int? MaxAttempts { get; init; }

    /// <summary>As <see cref="JobType{TArguments}.Timeout"/>.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>As <see cref="JobType{TArguments}.KeepSucceeded"/>.</summary>
    public TimeSpan? KeepSucceeded { get; init; }
}
