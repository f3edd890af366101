using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Shop.Redis.Streams;

/// <summary>Spans and metrics of the block, with OpenTelemetry's messaging names; the system is <c>redis_streams</c>.</summary>
internal static class StreamTelemetry
{
    public const string Name = "Shop.Redis.Streams";

    // The conventions register no name for Redis Streams, and allow one of our own; "redis" would be the database.
    private const string System = "redis_streams";

    public static readonly ActivitySource Source = new(Name);
    private static readonly Histogram<double> ProcessDuration;
    private static readonly Counter<long> Sent;
    public static readonly Counter<long> Redeliveries;
    public static readonly Counter<long> DeadLetters;

    private static readonly Meter Meter = new(Name);
    private static readonly ConcurrentDictionary<(string Stream, string Group), (StreamGroupFacts Group, long DeadLetters)> Facts = new();

    static StreamTelemetry()
    {
        ProcessDuration = Meter.CreateHistogram<double>("messaging.process.duration", "s", "Time in the handler");
        Sent = Meter.CreateCounter<long>("messaging.client.sent.messages", "{message}", "Messages appended");
        Redeliveries = Meter.CreateCounter<long>("shop.streams.redeliveries", "{message}", "Deliveries after the first");
        DeadLetters = Meter.CreateCounter<long>("shop.streams.dead_letters", "{message}", "Messages moved to the dead-letter stream");
        Meter.CreateObservableGauge("shop.streams.lag", () => Observe(static facts => facts.Lag ?? 0), "{message}", "Entries that the group has not read");
        Meter.CreateObservableGauge("shop.streams.pending", () => Observe(static facts => facts.Pending), "{message}", "Entries read but not acknowledged");
        Meter.CreateObservableGauge("shop.streams.dead_letters_held", ObserveDeadLetters, "{message}", "Entries on the dead-letter stream, of all groups");
        Meter.CreateObservableGauge("shop.streams.oldest_pending_age", () => Observe(static facts => facts.OldestPendingAge.TotalSeconds), "s", "Age of the oldest entry read but not acknowledged");
    }

    /// <param name="facts">The group.</param>
    /// <param name="deadLetters">Entries on the dead-letter stream, which all groups of the stream share.</param>
    public static void Report(StreamGroupFacts facts, long deadLetters) => Facts[(facts.Stream, facts.Group)] = (facts, deadLetters);

    public static void Forget(string stream, string group) => Facts.TryRemove((stream, group), out _);

    public static Activity? StartPublish(string stream, int count)
    {
        // Without a request behind it (a sweep, a benchmark) an append tells nobody anything.
        if (Activity.Current is null)
            return null;
        var activity = Source.StartActivity($"send {stream}", ActivityKind.Producer);
        activity.IfRecorded()?.SetTag("messaging.system", System)
            .SetTag("messaging.operation.type", "send")
            .SetTag("messaging.operation.name", "send")
            .SetTag("messaging.destination.name", stream)
            .SetTag("messaging.batch.message_count", count > 1 ? count : null); // the conventions want it of batches only
        return activity;
    }

    public static Activity? StartProcess(StreamDelivery delivery)
    {
        if (!ActivityContext.TryParse(delivery.Message.TraceParent, null, isRemote: true, out var parent))
            parent = default; // written by something that does not trace: a trace of its own
        var activity = Source.StartActivity($"process {delivery.Stream}", ActivityKind.Consumer, parent);
        activity.IfRecorded()?.SetTag("messaging.system", System)
            .SetTag("messaging.operation.type", "process")
            .SetTag("messaging.operation.name", "process")
            .SetTag("messaging.destination.name", delivery.Stream)
            .SetTag("messaging.consumer.group.name", delivery.Group)
            .SetTag("messaging.message.id", delivery.Message.Id.ToString())
            .SetTag("shop.message.type", delivery.Message.Type)
            .SetTag("shop.streams.entry_id", delivery.EntryId)
            .SetTag("shop.streams.key", delivery.Message.Key)
            .SetTag("shop.streams.attempt", delivery.Attempt);
        return activity;
    }

    public static void Processed(StreamConsumerGroupOptions options, TimeSpan took, Exception? error)
    {
        if (!ProcessDuration.Enabled)
            return;
        var tags = Tags(options.Stream, options.Group);
        tags.Add("messaging.operation.name", "process");
        if (error is not null)
            tags.Add("error.type", error.GetType().FullName);
        ProcessDuration.Record(took.TotalSeconds, tags);
    }

    public static void CountSent(string stream, int messages) =>
        Sent.Add(messages, new("messaging.system", System), new("messaging.operation.name", "send"), new("messaging.destination.name", stream));

    public static TagList Tags(string stream, string group) => new()
    {
        { "messaging.system", System },
        { "messaging.destination.name", stream },
        { "messaging.consumer.group.name", group },
    };

    private static IEnumerable<Measurement<double>> Observe(Func<StreamGroupFacts, double> value) =>
        Facts.Values.Select(facts => new Measurement<double>(value(facts.Group), Tags(facts.Group.Stream, facts.Group.Group)));

    private static IEnumerable<Measurement<long>> ObserveDeadLetters() => Facts.Values
        .GroupBy(static facts => facts.Group.Stream, StringComparer.Ordinal)
        .Select(static stream => new Measurement<long>(stream.Max(static facts => facts.DeadLetters), new("messaging.system", System), new("messaging.destination.name", stream.Key)));
}
