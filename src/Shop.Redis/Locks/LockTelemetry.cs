using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Shop.Redis.Locks;

/// <summary>The block's spans and metrics: source and meter <c>Shop.Redis.Locks</c>.</summary>
internal static class LockTelemetry
{
    public const string Name = "Shop.Redis.Locks";

    private static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);

    /// <summary>How long an acquire took, by outcome: <c>acquired</c>, <c>timeout</c>, <c>cancelled</c> or <c>error</c>.</summary>
    private static readonly Histogram<double> Wait = Meter.CreateHistogram<double>("shop.locks.wait", "s", "How long callers waited for a lock.");

    /// <summary>How long locks were held.</summary>
    public static readonly Histogram<double> Held = Meter.CreateHistogram<double>("shop.locks.held", "s", "How long locks were held.");

    /// <summary>Locks whose holder lost them before it released them.</summary>
    public static readonly Counter<long> Lost = Meter.CreateCounter<long>("shop.locks.lost", "{lock}", "Locks lost before they were released.");

    /// <summary>A client span over one acquire; null when nobody listens.</summary>
    public static Activity? StartAcquire(string resource)
    {
        var activity = Source.StartActivity("lock acquire", ActivityKind.Client);
        activity.IfRecorded()?.SetTag("db.system.name", "redis").SetTag("db.operation.name", "lock acquire").SetTag("shop.lock.resource", resource);
        return activity;
    }

    public static void Acquired(Activity? activity, LockHandle? handle, TimeSpan waited)
    {
        Waited(activity, handle is null ? "held" : "acquired", waited);
        if (handle is not null)
            activity.IfRecorded()?.SetTag("shop.lock.token", handle.FencingToken);
    }

    public static void Failed(Activity? activity, Exception exception, TimeSpan waited)
    {
        var outcome = exception switch { TimeoutException => "timeout", OperationCanceledException => "cancelled", _ => "error" };
        activity?.SetStatus(ActivityStatusCode.Error, exception.Message).SetTag("error.type", exception.GetType().FullName);
        Waited(activity, outcome, waited);
    }

    private static void Waited(Activity? activity, string outcome, TimeSpan waited)
    {
        activity.IfRecorded()?.SetTag("shop.lock.outcome", outcome);
        Wait.Record(waited.TotalSeconds, new KeyValuePair<string, object?>("shop.lock.outcome", outcome));
    }
}
