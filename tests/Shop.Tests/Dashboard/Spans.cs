using System.Diagnostics;
using Shop.Dashboard.Telemetry;

namespace Shop.Tests.Dashboard;

/// <summary>Spans for the tests of stores and trees; times in milliseconds after <see cref="Epoch"/>.</summary>
internal static class Spans
{
    public static readonly DateTimeOffset Epoch = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static SpanRecord Span(
        string id, string? parent = null, double start = 0, double took = 10, string source = "orders", string instance = "1",
        string trace = "t1", string? name = null, bool failed = false, params (string Key, string Value)[] attributes) => new()
        {
            TraceId = trace,
            SpanId = id,
            ParentSpanId = parent,
            Name = name ?? id,
            Source = new TelemetrySource(source, instance),
            Start = Epoch.AddMilliseconds(start),
            Duration = TimeSpan.FromMilliseconds(took),
            Status = failed ? ActivityStatusCode.Error : ActivityStatusCode.Unset,
            Attributes = [.. attributes.Select(static pair => new TelemetryAttribute(pair.Key, pair.Value))],
        };
}
