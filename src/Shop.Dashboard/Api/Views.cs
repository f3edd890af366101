using System.Diagnostics;
using System.Text.Json.Serialization;
using Shop.Dashboard.Protocol;
using Shop.Dashboard.Telemetry;

namespace Shop.Dashboard.Api;

/// <summary>A trace in the list. Durations are hours:minutes:seconds with a fraction, as TimeSpan reads them.</summary>
internal sealed record TraceView(
    string TraceId, string Name, string Resource, IReadOnlyList<string> Resources, int SpanCount, DateTimeOffset Start, TimeSpan Duration, bool HasErrors)
{
    public static TraceView Of(TraceSummary trace) => new(
        trace.TraceId, trace.Name, trace.Source, [.. trace.Sources.Select(static source => source.Name)],
        trace.SpanCount, trace.Start, trace.Duration, trace.HasErrors);
}

/// <summary>A trace with its spans, in order of their start as reported, and how many it was too full to take.</summary>
internal sealed record TraceDetailView(TraceView Trace, int DroppedSpans, IReadOnlyList<SpanView> Spans)
{
    public static TraceDetailView Of(TraceDetail trace) =>
        new(TraceView.Of(trace.Summary), trace.Summary.Dropped, [.. trace.Spans.Select(SpanView.Of)]);
}

internal sealed record SpanView(
    string TraceId, string SpanId, string? ParentSpanId, string Name, string Resource, string Instance, string Scope, ActivityKind Kind,
    DateTimeOffset Start, TimeSpan Duration, ActivityStatusCode Status, string? StatusMessage, IReadOnlyDictionary<string, string> Attributes,
    IReadOnlyList<SpanEventView> Events, IReadOnlyList<SpanLinkView> Links)
{
    public static SpanView Of(SpanRecord span) => new(
        span.TraceId, span.SpanId, span.ParentSpanId, span.Name, span.Source.Name, span.Source.Instance, span.Scope, span.Kind,
        span.Start, span.Duration, span.Status, span.StatusMessage, Map(span.Attributes),
        [.. span.Events.Select(static happening => new SpanEventView(happening.Name, happening.Time, Map(happening.Attributes)))],
        [.. span.Links.Select(static link => new SpanLinkView(link.TraceId, link.SpanId, Map(link.Attributes)))]);

    /// <summary>Keys are unique by the protocol; of a sender that repeats one, the last counts.</summary>
    public static Dictionary<string, string> Map(IReadOnlyList<TelemetryAttribute> attributes)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var attribute in attributes)
            map[attribute.Key] = attribute.Value;
        return map;
    }
}

internal sealed record SpanEventView(string Name, DateTimeOffset Time, IReadOnlyDictionary<string, string> Attributes);

internal sealed record SpanLinkView(string TraceId, string SpanId, IReadOnlyDictionary<string, string> Attributes);

internal sealed record LogView(
    DateTimeOffset Time, string Resource, string Instance, LogLevel Level, string Category, string Message, string? EventName,
    string? TraceId, string? SpanId, IReadOnlyDictionary<string, string> Attributes)
{
    public static LogView Of(LogRecord record) => new(
        record.Time, record.Source.Name, record.Source.Instance, record.Level, record.Category, record.Message, record.EventName,
        record.TraceId, record.SpanId, SpanView.Map(record.Attributes));
}

/// <summary>The latest value of a series; of a histogram, the sum of its values, with their count.</summary>
internal sealed record MetricView(
    string Resource, string Instance, string Meter, string Instrument, string Attributes, MetricKind Kind, string Unit,
    DateTimeOffset Time, double Value, ulong? Count, double? Average, double? Min, double? Max, double? P50, double? P95, double? P99)
{
    public static MetricView Of(MetricPoint point) => new(
        point.Series.Source.Name, point.Series.Source.Instance, point.Series.Meter, point.Series.Instrument, point.Series.Attributes,
        point.Kind, point.Unit, point.Time, point.Value, point.Count, point.Average, point.Min, point.Max,
        Quantile(point, 0.5), Quantile(point, 0.95), Quantile(point, 0.99));

    private static double? Quantile(MetricPoint point, double share) => point.Buckets?.Quantile(share, point.Min, point.Max);
}

/// <summary>What the stores hold now, and what never reached them.</summary>
internal sealed record StatusView(int Traces, int Spans, int Logs, int Series, long Dropped, long Invalid);

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web, UseStringEnumConverter = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(IReadOnlyList<TraceView>))]
[JsonSerializable(typeof(TraceDetailView))]
[JsonSerializable(typeof(IReadOnlyList<LogView>))]
[JsonSerializable(typeof(IReadOnlyList<MetricView>))]
[JsonSerializable(typeof(IReadOnlyList<ResourceSnapshot>))]
[JsonSerializable(typeof(IReadOnlyList<ConsoleLine>))]
[JsonSerializable(typeof(StatusView))]
internal sealed partial class ApiJson : JsonSerializerContext;
