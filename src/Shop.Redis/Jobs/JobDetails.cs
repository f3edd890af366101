namespace Shop.Redis.Jobs;

/// <summary>A job as it is now. All times are UTC, by Redis's clock.</summary>
public sealed record JobDetails
{
    /// <summary>The job's id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Its queue.</summary>
    public required string Queue { get; init; }

    /// <summary>Its kind.</summary>
    public required string Type { get; init; }

    /// <summary>Where it is in its life.</summary>
    public required JobState State { get; init; }

    /// <summary>Before or after the others.</summary>
    public required JobPriority Priority { get; init; }

    /// <summary>The attempt that runs or ran last; of a job that waits, the one that it waits for.</summary>
    public required int Attempt { get; init; }

    /// <summary>How many attempts it has.</summary>
    public required int MaxAttempts { get; init; }

    /// <summary>When it was enqueued.</summary>
    public required DateTimeOffset EnqueuedAt { get; init; }

    /// <summary>When it may run; scheduled jobs only.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>When its attempt began; running jobs only.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Until when it is kept; jobs that have ended only.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The tick of the schedule that made it.</summary>
    public DateTimeOffset? Tick { get; init; }

    /// <summary>Who runs it.</summary>
    public string? Worker { get; init; }

    /// <summary>Why it was cancelled, or is to be.</summary>
    public string? CancelReason { get; init; }

    /// <summary>Its deduplication key.</summary>
    public string? UniqueKey { get; init; }

    /// <summary>How far it said it was.</summary>
    public JobProgress? Progress { get; init; }

    /// <summary>The attempts that failed, oldest first, with their errors; the oldest go when they are more than 64 KiB.</summary>
    public IReadOnlyList<JobAttempt> FailedAttempts { get; init; } = [];

    /// <summary>Its arguments, as JSON.</summary>
    public required string Arguments { get; init; }

    /// <summary>What it left as result, as JSON.</summary>
    public string? Result { get; init; }

    /// <summary>The W3C trace context that it was enqueued in.</summary>
    public string? TraceParent { get; init; }
}

/// <summary>How far a job has come.</summary>
/// <param name="Percent">0 to 100.</param>
/// <param name="Message">What is being done.</param>
/// <param name="At">When it said so.</param>
public sealed record JobProgress(double Percent, string? Message, DateTimeOffset At);

/// <summary>An attempt that failed.</summary>
/// <param name="Attempt">Its number.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="EndedAt">When it failed, or was found abandoned.</param>
/// <param name="Worker">Who ran it.</param>
/// <param name="Error">Why, as an operator reads it: the exception with its stack, cut at 8 KiB, or the handler's reason.</param>
public sealed record JobAttempt(int Attempt, DateTimeOffset StartedAt, DateTimeOffset EndedAt, string Worker, string Error);

/// <summary>One page of a list of jobs.</summary>
/// <param name="Jobs">The jobs.</param>
/// <param name="Next">What to ask for next, or null after the last.</param>
public sealed record JobPage(IReadOnlyList<JobDetails> Jobs, string? Next);
