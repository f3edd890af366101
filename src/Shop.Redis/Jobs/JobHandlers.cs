using System.Text.Json;

namespace Shop.Redis.Jobs;

/// <summary>What a worker can do: a handler for each kind of job of its queue, and the schedules that make jobs.</summary>
public sealed class JobHandlers
{
    private readonly Dictionary<string, Registration> _registrations = new(StringComparer.Ordinal);
    private readonly List<CronEntry> _schedules = [];

    /// <summary>The queue that all of it is for; null while there is nothing.</summary>
    internal string? Queue { get; private set; }

    internal IReadOnlyList<CronEntry> Schedules => _schedules;

    /// <summary>Handles a kind of job with a delegate.</summary>
    /// <exception cref="ArgumentException">The kind has a handler already, or belongs to another queue than those before.</exception>
    public JobHandlers Handle<TArguments>(JobType<TArguments> type, JobHandler<TArguments> handler)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(handler);
        BelongsTo(type.Queue, type.Name);
        type.Validate();
        if (!_registrations.TryAdd(type.Name, new Registration(type.Backoff, RunAsync)))
            throw new ArgumentException($"The kind of job {type.Name} has a handler already.", nameof(type));
        return this;

        ValueTask<JobOutcome> RunAsync(ReadOnlyMemory<byte> arguments, JobContext job, CancellationToken cancellationToken) => handler(
            JsonSerializer.Deserialize(arguments.Span, type.Json) ?? throw new JsonException($"The arguments of {type.Name} are null."), job, cancellationToken);
    }

    /// <summary>Handles a kind of job with an object, which serves all attempts, also at once.</summary>
    /// <exception cref="ArgumentException">As above.</exception>
    public JobHandlers Handle<TArguments>(JobType<TArguments> type, IJobHandler<TArguments> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Handle(type, handler.HandleAsync);
    }

    /// <summary>Makes a job at every tick of a schedule: one per tick, however many workers have the schedule.</summary>
    /// <param name="schedule">When.</param>
    /// <param name="type">The kind of job; of this worker's queue.</param>
    /// <param name="arguments">The arguments for a tick.</param>
    /// <param name="options">What differs from the kind's defaults. A <see cref="JobOptions.UniqueKey"/> passes a tick over while the job of the last one still waits or runs.</param>
    /// <exception cref="ArgumentException">There is a schedule of that name, or the options have an id or a time.</exception>
    public JobHandlers Cron<TArguments>(CronSchedule schedule, JobType<TArguments> type, Func<DateTimeOffset, TArguments> arguments, JobOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(arguments);
        BelongsTo(type.Queue, type.Name);
        if (_schedules.Exists(other => other.Schedule.Name == schedule.Name))
            throw new ArgumentException($"There is a schedule {schedule.Name} already.", nameof(schedule));
        if (options is { Id: not null } or { Delay: not null } or { RunAt: not null })
            throw new ArgumentException($"The jobs of the schedule {schedule.Name} get their ids and times from its ticks; leave Id, Delay and RunAt null.", nameof(options));
        _schedules.Add(new CronEntry(schedule, tick => type.Request(arguments(tick), options) with { Tick = tick }));
        return this;
    }

    internal ValueTask<JobOutcome> RunAsync(JobRecord record, JobContext context, CancellationToken cancellationToken) =>
        _registrations.TryGetValue(record.Type, out var registration)
            ? registration.RunAsync(record.Arguments, context, cancellationToken)
            : throw new InvalidOperationException($"This worker has no handler for {record.Type}. (A newer version enqueued it, or its kind was renamed?)");

    internal JobBackoff BackoffOf(string type) => _registrations.TryGetValue(type, out var registration) ? registration.Backoff : JobBackoff.Default;

    private void BelongsTo(string queue, string type)
    {
        Queue ??= queue;
        if (Queue != queue)
            throw new ArgumentException($"The kind of job {type} belongs to the queue {queue}, and those before it to {Queue}: a worker has one queue.", nameof(type));
    }

    private sealed record Registration(JobBackoff Backoff, Func<ReadOnlyMemory<byte>, JobContext, CancellationToken, ValueTask<JobOutcome>> RunAsync);
}

/// <summary>A schedule and what it makes.</summary>
internal sealed record CronEntry(CronSchedule Schedule, Func<DateTimeOffset, JobRequest> Request);
