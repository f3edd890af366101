using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Shop.Messaging;

/// <summary>The one source of spans and the one meter of Shop.Messaging.</summary>
internal static class MessagingTelemetry
{
    public const string Name = "Shop.Messaging";

    public static readonly ActivitySource Source = new(Name);

    public static readonly Meter Meter = new(Name);
}
