using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Shop.Redis.Jobs;

/// <summary>
/// A kind of job: its name, its queue, the type of its arguments and how it is to be run. Declared once, as a static, and used by
/// whoever enqueues and by whoever handles, so that the two agree.
/// </summary>
/// <typeparam name="TArguments">What the handler is told. Keep it small (ids rather than documents): it stands in Redis until the job has run.</typeparam>
public sealed class JobType<TArguments>
{
    /// <summary>Declares a kind of job.</summary>
    /// <param name="name">What Redis, logs and operators call it, for example <c>send-receipt</c>. It outlives deployments: renaming it strands the jobs of the old name.</param>
    /// <param name="queue">The queue that its jobs wait in, for example <c>mail</c>.</param>
    /// <param name="json">Source-generated JSON of the arguments.</param>
    /// <exception cref="ArgumentException">The name is empty, or the queue's name is empty or has braces or line breaks.</exception>
    public JobType(string name, string queue, JsonTypeInfo<TArguments> json)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        JobKeys.Validate(queue);
        ArgumentNullException.ThrowIfNull(json);
        (Name, Queue, Json) = (name, queue, json);
    }

    /// <summary>What Redis, logs and operators call it.</summary>
    public string Name { get; }

    /// <summary>The queue that its jobs wait in.</summary>
    public string Queue { get; }

    /// <summary>JSON of the arguments.</summary>
    public JsonTypeInfo<TArguments> Json { get; }

    /// <summary>Which of the waiting jobs go first. Default <see cref="JobPriority.Normal"/>.</summary>
    public JobPriority Priority { get; init; } = JobPriority.Normal;

    /// <summary>How often a job is tried before it is dead, 1 or more. Default 15: with the default <see cref="Backoff"/> five and a half hours, which outlasts most outages. Killing its worker counts as a try; a snooze and a shutdown do not.</summary>
    public int MaxAttempts { get; init; } = 15;

    /// <summary>How long one try may take; then its token is cancelled and the try has failed. Default 5 min; <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> for no limit.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long to wait between two tries.</summary>
    public JobBackoff Backoff { get; init; } = JobBackoff.Default;

    /// <summary>How long a job that succeeded can still be looked at, and is still known by its id (enqueued again, it does not run again). Default zero: nothing is kept, which is what makes a queue fast.</summary>
    public TimeSpan KeepSucceeded { get; init; }

    internal void Validate() => Backoff.Validate();

    /// <summary>A job of this kind, ready to be enqueued along with others.</summary>
    /// <param name="arguments">What the handler is told; serialised at once.</param>
    /// <param name="options">What differs from the kind's defaults; nothing when null.</param>
    public JobRequest Request(TArguments arguments, JobOptions? options = null)
    {
        options ??= JobOptions.None;
        return new JobRequest
        {
            Id = options.Id ?? Guid.CreateVersion7(),
            Queue = Queue,
            Type = Name,
            Arguments = JsonSerializer.SerializeToUtf8Bytes(arguments, Json),
            Priority = options.Priority ?? Priority,
            Delay = options.Delay,
            RunAt = options.RunAt,
            UniqueKey = options.UniqueKey,
            UniqueFor = options.UniqueFor,
            MaxAttempts = options.MaxAttempts ?? MaxAttempts,
            Timeout = options.Timeout ?? Timeout,
            KeepSucceeded = options.KeepSucceeded ?? KeepSucceeded,
        };
    }
}
