using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Shop.Redis.Jobs;

/// <summary>Spans and metrics of the block, with OpenTelemetry's messaging names where they fit: source and meter <c>Shop.Redis.Jobs</c>.</summary>
internal static class JobTelemetry
{
    public const string Name = "Shop.Redis.Jobs";

    private const string System = "redis_jobs";

    public static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);

    public static readonly Counter<long> Enqueued = Meter.CreateCounter<long>("shop.jobs.enqueued", "{job}", "Jobs enqueued");
    public static readonly Counter<long> Recovered = Meter.CreateCounter<long>("shop.jobs.recovered", "{attempt}", "Attempts that failed because their worker showed no life");
    public static readonly Counter<long> Refused = Meter.CreateCounter<long>("shop.jobs.refused", "{attempt}", "Ends of attempts that were refused because the job was no longer the worker's");
    private static readonly Counter<long> Ended = Meter.CreateCounter<long>("shop.jobs.ended", "{attempt}", "Attempts that ended, by shop.job.end: succeeded, failed, dead, cancelled, snoozed or given_back");
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("messaging.process.duration", "s", "Time in the handler");
    private static readonly Histogram<double> Wait = Meter.CreateHistogram<double>("shop.jobs.wait", "s", "Time from queued to begun");

    private static readonly ConcurrentDictionary<string, JobQueueFacts> Facts = new(StringComparer.Ordinal);

    static JobTelemetry()
    {
        Meter.CreateObservableGauge("shop.jobs.count", Count, "{job}", "Jobs by shop.job.state: scheduled, queued, running, succeeded (kept ones), dead or cancelled");
        Meter.CreateObservableGauge("shop.jobs.oldest_age", static () => Facts.Values.Select(static facts => new Measurement<double>(facts.OldestQueuedAge.TotalSeconds, Queue(facts.Queue))), "s", "How long the oldest queued job has waited for a worker");
    }

    public static void Report(JobQueueFacts facts) => Facts[facts.Queue] = facts;

    public static void Forget(string queue) => Facts.TryRemove(queue, out _);

    public static KeyValuePair<string, object?> Queue(string queue) => new("messaging.destination.name", queue);

    /// <summary>A producer span over one call that enqueues; null outside of a trace.</summary>
    public static Activity? StartPublish(string queue, int count)
    {
        if (Activity.Current is null)
            return null;
        var activity = Source.StartActivity($"enqueue {queue}", ActivityKind.Producer);
        activity.IfRecorded()?.SetTag("messaging.system", System)
            .SetTag("messaging.operation.type", "send")
            .SetTag("messaging.operation.name", "enqueue")
            .SetTag("messaging.destination.name", queue)
            .SetTag("messaging.batch.message_count", count > 1 ? count : null); // the conventions want it of batches only
        return activity;
    }

    /// <summary>A consumer span over one attempt, child of whoever enqueued the job.</summary>
    public static Activity? StartProcess(RunningJob job, JobWorkerOptions options)
    {
        if (!Source.HasListeners())
            return null;
        if (!ActivityContext.TryParse(job.Record.TraceParent, null, isRemote: true, out var parent))
            parent = default;
        var activity = Source.StartActivity($"process {options.Queue}", ActivityKind.Consumer, parent);
        activity.IfRecorded()?.SetTag("messaging.system", System)
            .SetTag("messaging.operation.type", "process")
            .SetTag("messaging.operation.name", "process")
            .SetTag("messaging.destination.name", options.Queue)
            .SetTag("messaging.message.id", job.Id.ToString())
            .SetTag("shop.message.type", job.Record.Type)
            .SetTag("shop.job.attempt", job.Record.Attempt)
            .SetTag("shop.job.worker", options.Worker);
        return activity;
    }

    public static void Processed(RunningJob job, string queue, TimeSpan took, string? error)
    {
        if (Wait.Enabled)
            Wait.Record(Math.Max((job.StartedAt - DateTimeOffset.FromUnixTimeMilliseconds((long)job.EntryId.Milliseconds)).TotalSeconds, 0), Queue(queue));
        if (!Duration.Enabled)
            return;
        var tags = new TagList { { "messaging.system", System }, Queue(queue), { "shop.message.type", job.Record.Type } };
        if (error is not null)
            tags.Add("error.type", error);
        Duration.Record(took.TotalSeconds, tags);
    }

    public static void AttemptEnded(string queue, string end, int count = 1)
    {
        if (Ended.Enabled)
            Ended.Add(count, Queue(queue), new KeyValuePair<string, object?>("shop.job.end", end));
    }

    private static IEnumerable<Measurement<long>> Count()
    {
        foreach (var facts in Facts.Values)
        {
            foreach (var (state, count) in new[] { ("scheduled", facts.Scheduled), ("queued", facts.Queued), ("running", facts.Running), ("succeeded", facts.Succeeded), ("dead", facts.Dead), ("cancelled", facts.Cancelled) })
                yield return new Measurement<long>(count, Queue(facts.Queue), new KeyValuePair<string, object?>("shop.job.state", state));
        }
    }
}
