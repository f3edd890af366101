using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Shop.Redis.Live;

/// <summary>Presence's part of the block's spans and metrics. Neither rooms nor users are tags: there are as many as customers.</summary>
internal static class PresenceTelemetry
{
    public const string Enter = "enter";
    public const string Renew = "renew";
    public const string Leave = "leave";
    public const string Show = "show";
    public const string Hide = "hide";
    public const string Who = "who";

    private const string OperationTag = "shop.live.operation";
    private const string OutcomeTag = "shop.live.outcome";

    private static readonly Counter<long> Calls = LiveTelemetry.Meter.CreateCounter<long>("shop.live.presence.calls", "{call}", "Commands of presence, by operation and outcome");

    public static readonly UpDownCounter<long> Connections = LiveTelemetry.Meter.CreateUpDownCounter<long>("shop.live.presence.connections", "{connection}", "Connections that this process shows in rooms now");
    public static readonly UpDownCounter<long> Watches = LiveTelemetry.Meter.CreateUpDownCounter<long>("shop.live.presence.watches", "{room}", "Rooms that this process watches now");

    /// <summary>A client span over one command; null without a request behind it, and for a renewal, which would lengthen the trace of who entered for as long as they stay.</summary>
    public static Activity? Start(string operation)
    {
        var activity = operation == Renew || Activity.Current is null ? null : LiveTelemetry.Source.StartActivity($"presence {operation}", ActivityKind.Client);
        activity.IfRecorded()?.SetTag("db.system.name", "redis").SetTag("db.operation.name", operation);
        return activity;
    }

    /// <param name="activity">The command's span.</param>
    /// <param name="operation">The command.</param>
    /// <param name="outcome"><c>changed</c>: somebody came, went or was dropped; <c>unchanged</c>; <c>read</c>.</param>
    public static void Done(Activity? activity, string operation, string outcome)
    {
        activity.IfRecorded()?.SetTag(OutcomeTag, outcome);
        Count(operation, outcome);
    }

    public static void Failed(Activity? activity, string operation, Exception exception)
    {
        activity?.SetStatus(ActivityStatusCode.Error, exception.Message).SetTag("error.type", exception.GetType().FullName);
        Count(operation, "failed");
    }

    private static void Count(string operation, string outcome) => Calls.Add(1, new(OperationTag, operation), new(OutcomeTag, outcome));
}
