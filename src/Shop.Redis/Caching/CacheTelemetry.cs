using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Shop.Redis.Caching;

/// <summary>The block's spans and metrics: source and meter <c>Shop.Redis.Caching</c>. Keys are no tags of metrics: there are too many.</summary>
internal static class CacheTelemetry
{
    public const string Name = "Shop.Redis.Caching";

    private static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Reads = Meter.CreateCounter<long>("shop.cache.reads", "{read}", "Entries asked for, by whether invalidations can be heard.");
    private static readonly Counter<long> Fetches = Meter.CreateCounter<long>("shop.cache.fetches", "{fetch}", "Entries asked for in Redis because the process had none: hit, miss, or wait for another's load.");
    private static readonly Histogram<double> Loads = Meter.CreateHistogram<double>("shop.cache.load", "s", "How long loads from the source took, by outcome.");
    private static readonly Counter<long> Invalidations = Meter.CreateCounter<long>("shop.cache.invalidations", "{name}", "Keys and tags invalidated from here.");
    private static readonly Counter<long> Drops = Meter.CreateCounter<long>("shop.cache.drops", "{name}", "Invalidations heard of.");
    private static readonly Counter<long> Outages = Meter.CreateCounter<long>("shop.cache.outages", "{outage}", "Times that invalidations could no longer be heard.");

    /// <summary>A span over one load. The framework runs it outside the caller's context, so the caller's trace is handed over.</summary>
    public static Activity? StartLoad(ActivityContext caller, string key)
    {
        var activity = Source.StartActivity("cache load", ActivityKind.Internal, caller);
        activity.IfRecorded()?.SetTag("shop.cache.key", key);
        return activity;
    }

    public static void Loaded(Activity? activity, TimeSpan took, Exception? failure)
    {
        var outcome = failure switch { null => "loaded", OperationCanceledException => "cancelled", _ => "failed" };
        if (failure is not null)
            activity?.SetStatus(ActivityStatusCode.Error, failure.Message).SetTag("error.type", failure.GetType().FullName);
        activity.IfRecorded()?.SetTag("shop.cache.outcome", outcome);
        Loads.Record(took.TotalSeconds, new KeyValuePair<string, object?>("shop.cache.outcome", outcome));
    }

    public static Activity? StartInvalidate(CacheInvalidation invalidation)
    {
        var activity = Source.StartActivity("cache invalidate", ActivityKind.Client);
        activity.IfRecorded()?.SetTag("db.system.name", "redis").SetTag("db.operation.name", "cache invalidate").SetTag("shop.cache.keys", invalidation.Keys.Count).SetTag("shop.cache.tags", string.Join(' ', invalidation.Tags));
        return activity;
    }

    public static void Read(bool away) => Reads.Add(1, new KeyValuePair<string, object?>("shop.cache.away", away));

    public static void Fetched(string outcome) => Fetches.Add(1, new KeyValuePair<string, object?>("shop.cache.outcome", outcome));

    public static void Invalidated(int names) => Invalidations.Add(names);

    public static void Dropped() => Drops.Add(1);

    public static void Away() => Outages.Add(1);
}
