using System.Text.Json;
using Shop.Redis.Jobs;

namespace Shop.Web.Operations;

/// <summary>All queues.</summary>
public sealed record JobQueueList(IReadOnlyList<JobQueueView> Items);

/// <summary>A queue as it is now: jobs by state, how long the oldest has waited for a worker, and how many workers it has.</summary>
public sealed record JobQueueView(
    string Queue, long Scheduled, long Queued, long Running, long Succeeded, long Dead, long Cancelled, double OldestQueuedSeconds, int Workers)
{
    public static JobQueueView Of(JobQueueFacts facts) => new(
        facts.Queue, facts.Scheduled, facts.Queued, facts.Running, facts.Succeeded, facts.Dead, facts.Cancelled, facts.OldestQueuedAge.TotalSeconds, facts.Workers);
}

/// <summary>A page of jobs; <paramref name="Next"/> is the <c>after</c> of the next page, or null at the end.</summary>
public sealed record JobList(IReadOnlyList<JobView> Items, string? Next);

/// <summary>A job. Times that do not apply to its state are null.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Queue">Its queue.</param>
/// <param name="Type">Its kind.</param>
/// <param name="State">Where it is in its life.</param>
/// <param name="Priority">Before or after the others.</param>
/// <param name="Attempt">The attempt that runs or ran last, or that it waits for.</param>
/// <param name="MaxAttempts">How many it has.</param>
/// <param name="EnqueuedAt">When it came.</param>
/// <param name="DueAt">When it may run.</param>
/// <param name="StartedAt">When its attempt began.</param>
/// <param name="FinishedAt">When it ended.</param>
/// <param name="ExpiresAt">Until when it can be looked at.</param>
/// <param name="Tick">The tick of its schedule.</param>
/// <param name="Worker">Who runs it.</param>
/// <param name="CancelReason">Why it was cancelled, or is to be.</param>
/// <param name="UniqueKey">Its deduplication key.</param>
/// <param name="Progress">How far it says it is.</param>
/// <param name="Attempts">The attempts that failed, with their errors, oldest first.</param>
/// <param name="Arguments">What its handler is told.</param>
/// <param name="Result">What it left.</param>
/// <param name="TraceParent">The trace that it belongs to.</param>
public sealed record JobView(
    Guid Id, string Queue, string Type, JobState State, JobPriority Priority, int Attempt, int MaxAttempts, DateTimeOffset EnqueuedAt, DateTimeOffset? DueAt,
    DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? Tick, string? Worker, string? CancelReason, string? UniqueKey,
    JobProgressView? Progress, IReadOnlyList<JobAttemptView> Attempts, JsonElement Arguments, JsonElement? Result, string? TraceParent)
{
    public static JobView Of(JobDetails job) => new(
        job.Id, job.Queue, job.Type, job.State, job.Priority, job.Attempt, job.MaxAttempts, job.EnqueuedAt, job.DueAt,
        job.StartedAt, job.FinishedAt, job.ExpiresAt, job.Tick, job.Worker, job.CancelReason, job.UniqueKey,
        job.Progress is { } progress ? new JobProgressView(progress.Percent, progress.Message, progress.At) : null,
        [.. job.FailedAttempts.Select(static attempt => new JobAttemptView(attempt.Attempt, attempt.StartedAt, attempt.EndedAt, attempt.Worker, attempt.Error))],
        Json(job.Arguments),
        job.Result is null ? null : Json(job.Result),
        job.TraceParent);

    private static JsonElement Json(string text) => JsonElement.Parse(text);
}

/// <summary>How far a job says it is.</summary>
public sealed record JobProgressView(double Percent, string? Message, DateTimeOffset At);

/// <summary>An attempt that failed.</summary>
public sealed record JobAttemptView(int Attempt, DateTimeOffset StartedAt, DateTimeOffset EndedAt, string Worker, string Error);

/// <summary>Why a job is to be cancelled, for whoever looks at it later.</summary>
public sealed record CancelJobRequest(string? Reason);
