using System.Diagnostics;
using Shop.Dashboard.Otlp.Wire;
using Shop.Dashboard.Telemetry;
using static Shop.Dashboard.Otlp.AttributeReader;

namespace Shop.Dashboard.Otlp;

/// <summary>Spans from the wire into the model.</summary>
internal static class SpanReader
{
    /// <summary>The spans, and how many were left out because they had no trace id or span id.</summary>
    public static List<SpanRecord> Read(ExportTraceServiceRequest request, out int invalid)
    {
        var spans = new List<SpanRecord>();
        invalid = 0;
        foreach (var resource in request.ResourceSpans)
        {
            var source = Source(resource.Resource);
            foreach (var scope in resource.ScopeSpans)
            {
                foreach (var span in scope.Spans)
                {
                    if (Read(span, source, Pooled(scope.Scope?.Name ?? "")) is { } read)
                        spans.Add(read);
                    else
                        invalid++;
                }
            }
        }
        return spans;
    }

    private static SpanRecord? Read(Span span, TelemetrySource source, string scope)
    {
        if (Id(span.TraceId, 16) is not { } traceId || Id(span.SpanId, 8) is not { } spanId)
            return null;
        var start = Time(span.StartTimeUnixNano);
        var end = Time(span.EndTimeUnixNano);
        return new SpanRecord
        {
            TraceId = traceId,
            SpanId = spanId,
            ParentSpanId = Id(span.ParentSpanId, 8),
            Name = Pooled(span.Name),
            Source = source,
            Scope = scope,
            Kind = Kind(span.Kind),
            Start = start,
            Duration = end > start ? end - start : TimeSpan.Zero,
            Status = Status(span.Status?.Code),
            StatusMessage = span.Status?.Message is { Length: > 0 } message ? message : null,
            Attributes = Attributes(span.Attributes),
            Events = [.. span.Events.Take(MaxItems).Select(Read)],
            Links = [.. span.Links.Take(MaxItems).Select(Read).OfType<SpanLinkRecord>()],
        };
    }

    private static SpanEventRecord Read(Span.Types.Event happening) =>
        new(happening.Name, Time(happening.TimeUnixNano), Attributes(happening.Attributes));

    private static SpanLinkRecord? Read(Span.Types.Link link) =>
        Id(link.TraceId, 16) is { } traceId && Id(link.SpanId, 8) is { } spanId
            ? new SpanLinkRecord(traceId, spanId, Attributes(link.Attributes))
            : null;

    private static ActivityKind Kind(int kind) => kind switch
    {
        2 => ActivityKind.Server,
        3 => ActivityKind.Client,
        4 => ActivityKind.Producer,
        5 => ActivityKind.Consumer,
        _ => ActivityKind.Internal,
    };

    private static ActivityStatusCode Status(int? code) => code switch
    {
        1 => ActivityStatusCode.Ok,
        2 => ActivityStatusCode.Error,
        _ => ActivityStatusCode.Unset,
    };
}
