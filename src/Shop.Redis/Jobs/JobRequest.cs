namespace Shop.Redis.Jobs;

/// <summary>A job to be enqueued, with everything settled: what <see cref="JobType{TArguments}.Request"/> makes, and what travels when a job is enqueued through an outbox.</summary>
public sealed record JobRequest
{
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(40);

    /// <summary>The job's id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The queue.</summary>
    public required string Queue { get; init; }

    /// <summary>The kind of job: <see cref="JobType{TArguments}.Name"/>.</summary>
    public required string Type { get; init; }

    /// <summary>The arguments as JSON in UTF-8.</summary>
    public required ReadOnlyMemory<byte> Arguments { get; init; }

    /// <summary>Before or after the others.</summary>
    public JobPriority Priority { get; init; } = JobPriority.Normal;

    /// <summary>How long it waits before it may run, by Redis's clock; at once when null.</summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>When it may run; at once when null or past.</summary>
    public DateTimeOffset? RunAt { get; init; }

    /// <summary>Its deduplication key, see <see cref="JobOptions.UniqueKey"/>.</summary>
    public string? UniqueKey { get; init; }

    /// <summary>How much longer the key holds after success.</summary>
    public TimeSpan UniqueFor { get; init; }

    /// <summary>How often it is tried before it is dead.</summary>
    public int MaxAttempts { get; init; } = 15;

    /// <summary>How long one try may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long it is kept after success.</summary>
    public TimeSpan KeepSucceeded { get; init; }

    /// <summary>The tick of the cron schedule that made this job; null for others.</summary>
    public DateTimeOffset? Tick { get; init; }

    /// <summary>The W3C trace context that it belongs to; the enqueuer's current activity when null.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Throws when a setting is out of range; enqueueing calls it.</summary>
    /// <exception cref="ArgumentException">The message names the setting and its value.</exception>
    public void Validate()
    {
        JobKeys.Validate(Queue);
        ArgumentException.ThrowIfNullOrWhiteSpace(Type);
        if (Delay is not null && RunAt is not null)
            throw new ArgumentException($"The job {Type} has both a {nameof(Delay)} of {Delay} and a {nameof(RunAt)} of {RunAt:O}: choose one.");
        if (Delay < TimeSpan.Zero)
            throw new ArgumentException($"The job {Type} has a {nameof(Delay)} of {Delay}; it must not be negative.");
        if (MaxAttempts < 1)
            throw new ArgumentException($"The job {Type} has {nameof(MaxAttempts)} {MaxAttempts}; at least 1, or it would never run.");
        if ((Timeout <= TimeSpan.Zero || Timeout > LongestTimeout) && Timeout != System.Threading.Timeout.InfiniteTimeSpan)
            throw new ArgumentException($"The job {Type} has a {nameof(Timeout)} of {Timeout}; it must be positive and at most {LongestTimeout.Days} days, or infinite.");
        if (UniqueFor < TimeSpan.Zero || KeepSucceeded < TimeSpan.Zero)
            throw new ArgumentException($"The job {Type} has {nameof(UniqueFor)} {UniqueFor} and {nameof(KeepSucceeded)} {KeepSucceeded}; neither may be negative.");
        if (!Enum.IsDefined(Priority))
            throw new ArgumentException($"The job {Type} has the {nameof(Priority)} {Priority}, which is none.");
        if (UniqueKey is { } key && (key.Length is 0 or > 512 || key.AsSpan().ContainsAny('\r', '\n')))
            throw new ArgumentException($"The job {Type} has the {nameof(UniqueKey)} '{key}'; it has 1 to 512 characters and no line breaks.");
        if (UniqueKey is null && UniqueFor > TimeSpan.Zero)
            throw new ArgumentException($"The job {Type} has {nameof(UniqueFor)} {UniqueFor} and no {nameof(UniqueKey)}, so that it would be unique by nothing.");
    }
}

/// <summary>The answer to enqueueing.</summary>
/// <param name="Id">The job: the new one, or the one that was there.</param>
/// <param name="IsNew">False: nothing was enqueued, because a job with this id is known or one with this unique key waits, runs or ran lately.</param>
public readonly record struct EnqueuedJob(Guid Id, bool IsNew);
