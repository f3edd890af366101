using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Shop.Redis.Live;

/// <summary>The block's spans and metrics: source and meter <c>Shop.Redis.Live</c>. Names of logs are no tags: there are as many as customers.</summary>
internal static class LiveTelemetry
{
    public const string Name = "Shop.Redis.Live";
    public const string Durable = "durable";
    public const string Momentary = "momentary";

    // The system's name of the streams block: an append is an XADD, with a PUBLISH to wake who listens.
    private const string System = "redis_streams";
    private const string KindTag = "shop.live.kind";

    public static readonly ActivitySource Source = new(Name);
    public static readonly Meter Meter = new(Name);

    private static readonly Counter<long> Appended = Meter.CreateCounter<long>("shop.live.appended", "{item}", "Appends sent");
    private static readonly Counter<long> Delivered = Meter.CreateCounter<long>("shop.live.delivered", "{item}", "Items delivered to readers, by where they came from");
    private static readonly Counter<long> Refilled = Meter.CreateCounter<long>("shop.live.refills", "{refill}", "Times that a reader went back to the stream or the history, by reason");

    public static readonly UpDownCounter<long> Readers = Meter.CreateUpDownCounter<long>("shop.live.readers", "{reader}", "Readers now");
    public static readonly UpDownCounter<long> Subscriptions = Meter.CreateUpDownCounter<long>("shop.live.subscriptions", "{subscription}", "Logs with at least one reader now");

    /// <summary>The trace context to write into an entry; empty without one.</summary>
    public static string TraceParent => Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } ? id : "";

    public static Activity? StartAppend(string kind)
    {
        Appended.Add(1, new KeyValuePair<string, object?>(KindTag, kind));
        // Without a request behind it an append tells nobody anything.
        return Activity.Current is null
            ? null
            : Tag(Source.StartActivity("send live", ActivityKind.Producer), kind, "send");
    }

    /// <summary>A span for the moment of delivery: it ends before the reader gets the item.</summary>
    public static void TraceDelivery(string? traceParent, string kind)
    {
        if (traceParent is not null && ActivityContext.TryParse(traceParent, null, isRemote: true, out var parent))
            Tag(Source.StartActivity("receive live", ActivityKind.Consumer, parent), kind, "receive")?.Dispose();
    }

    public static void CountDelivered(int items, string kind, string from) =>
        Delivered.Add(items, new(KindTag, kind), new("shop.live.from", from));

    public static void CountRefill(string kind, string reason) =>
        Refilled.Add(1, new(KindTag, kind), new("shop.live.reason", reason));

    private static Activity? Tag(Activity? activity, string kind, string operation)
    {
        activity.IfRecorded()?.SetTag("messaging.system", System)
            .SetTag("messaging.operation.type", operation)
            .SetTag("messaging.operation.name", operation)
            .SetTag("messaging.destination.template", "live:{log}")
            .SetTag(KindTag, kind);
        return activity;
    }
}
