using System.Diagnostics;
using System.Diagnostics.Metrics;

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
}
