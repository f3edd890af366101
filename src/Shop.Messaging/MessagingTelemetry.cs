using System.Diagnostics;
using System.Diagnostics.Metrics;
using Shop.Messaging.Relaying;

namespace Shop.Messaging;

/// <summary>The names under which messaging reports: hand them to OpenTelemetry's <c>AddSource</c> and <c>AddMeter</c>.</summary>
public static class MessagingTelemetry
{
    /// <summary>The name of the activity source and of the meter.</summary>
    public const string Name = "Shop.Messaging";

    internal static readonly ActivitySource Source = new(Name);

    internal static readonly Meter Meter = new(Name);

    internal static readonly Histogram<int> GroupCommitBatch = Meter.CreateHistogram<int>(
        "shop.messaging.group_commit.batch_size", "{item}", "Items that shared one transaction.");

    internal static readonly Counter<long> Published = Meter.CreateCounter<long>(
        "shop.outbox.published", "{event}", "Events appended to a stream, by shop.outbox.path: fast, ordered or swept.");

    internal static readonly Counter<long> Republished = Meter.CreateCounter<long>(
        "shop.outbox.republished", "{event}", "Events to be appended again because Redis lost them, by shop.outbox.cause: wipe or restart.");

    internal static readonly Counter<long> LeftToSweeper = Meter.CreateCounter<long>(
        "shop.outbox.left_to_sweeper", "{event}", "Events that the fast path turned down: Redis away, or too many at once.");

    internal static readonly ObservableGauge<long> BacklogRows = Meter.CreateObservableGauge(
        "shop.outbox.backlog", static () => Backlog?.Latest() is { } latest ? (Measurement<long>[])[new(latest.Rows)] : [], "{event}", "Committed events that are not known to be in their stream.");

    internal static readonly ObservableGauge<double> BacklogAge = Meter.CreateObservableGauge(
        "shop.outbox.oldest_age", static () => Backlog?.Latest() is { } latest ? (Measurement<double>[])[new(latest.OldestSeconds)] : [], "s", "Age of the oldest committed event that is not known to be in its stream.");

    /// <summary>What the gauges report; a service has one outbox.</summary>
    internal static OutboxBacklog? Backlog { get; set; }
}
