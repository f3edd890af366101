using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Confluent.Kafka;
using Shop.Redis.Streams;

namespace Shop.Archiving;

/// <summary>Spans and metrics, with OpenTelemetry's names for Kafka where it has them.</summary>
internal static class ArchiveTelemetry
{
    public const string Name = "Shop.Archiving";

    private static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);
    private static readonly ConcurrentDictionary<(string Stream, long Number), long> Held = new();
    private static readonly ConcurrentDictionary<string, (long ReportedAt, TimeSpan Age)> Ages = new(StringComparer.Ordinal);
    private static readonly TimeSpan AgeIsStaleAfter = TimeSpan.FromMinutes(2);
    private static long _held;

    private static readonly Counter<long> Archived = Meter.CreateCounter<long>("shop.archive.archived", "{event}", "Events that Kafka has acknowledged, repeats included");

    public static readonly Counter<long> Audited = Meter.CreateCounter<long>("shop.archive.audited", "{event}", "Events of the outbox that were compared with Kafka");

    public static readonly Counter<long> Missing = Meter.CreateCounter<long>("shop.archive.missing", "{event}", "Audited events that were not in Kafka");

    public static readonly Counter<long> Repaired = Meter.CreateCounter<long>("shop.archive.repaired", "{event}", "Missing events that are in Kafka now");

    public static readonly Counter<long> Unknown = Meter.CreateCounter<long>("shop.archive.unknown", "{event}", "Events in Kafka that the outbox does not have");

    static ArchiveTelemetry()
    {
        Meter.CreateObservableGauge("shop.archive.lag", Lags, "s", "For how long the oldest event has waited for Kafka's acknowledgement; the stream's own lag is shop.streams.lag of the group kafka-archive");
        Meter.CreateObservableGauge("shop.archive.audit_age", AuditAges, "s", "How far behind now the audit is");
    }

    public static KeyValuePair<string, object?> Tag(string stream) => new("messaging.destination.name", stream);

    public static Activity? StartSend(string topic, StreamMessage message)
    {
        // A repair is no part of a trace; neither is it worth one.
        if (Activity.Current is null)
            return null;
        var activity = Source.StartActivity($"send {topic}", ActivityKind.Producer);
        activity?.SetTag("messaging.system", "kafka")
            .SetTag("messaging.operation.type", "send")
            .SetTag("messaging.operation.name", "send")
            .SetTag("messaging.destination.name", topic)
            .SetTag("messaging.message.id", message.Id.ToString())
            .SetTag("messaging.kafka.message.key", message.Key);
        return activity;
    }

    public static void Sent<TKey, TValue>(Activity? activity, string stream, DeliveryResult<TKey, TValue> written)
    {
        activity?.SetTag("messaging.destination.partition.id", $"{written.Partition.Value}").SetTag("messaging.kafka.offset", written.Offset.Value);
        Archived.Add(1, Tag(stream));
    }

    /// <summary>Counts an event as waiting for Kafka until the answer is disposed.</summary>
    public static IDisposable Hold(string stream)
    {
        var waiting = new Waiting((stream, Interlocked.Increment(ref _held)));
        Held[waiting.Key] = Stopwatch.GetTimestamp();
        return waiting;
    }

    public static void ReportAge(string stream, TimeSpan age) => Ages[stream] = (Stopwatch.GetTimestamp(), age);

    private static IEnumerable<Measurement<double>> Lags() =>
        Held.GroupBy(static held => held.Key.Stream).Select(static held => new Measurement<double>(Stopwatch.GetElapsedTime(held.Min(static one => one.Value)).TotalSeconds, Tag(held.Key)));

    /// <summary>Of the streams that this process audited lately; another does the others.</summary>
    private static IEnumerable<Measurement<double>> AuditAges() =>
        from age in Ages
        let since = Stopwatch.GetElapsedTime(age.Value.ReportedAt)
        where since < AgeIsStaleAfter
        select new Measurement<double>((age.Value.Age + since).TotalSeconds, Tag(age.Key));

    private sealed class Waiting((string Stream, long Number) key) : IDisposable
    {
        public (string Stream, long Number) Key => key;

        public void Dispose() => Held.TryRemove(key, out _);
    }
}
