using System.Diagnostics;

namespace Shop.Dashboard.Telemetry;

/// <summary>One finished span, as its service reported it. Ids are lower-case hexadecimal, as in a <c>traceparent</c>.</summary>
public sealed record SpanRecord
{
    public required string TraceId { get; init; }
    public required string SpanId { get; init; }

    /// <summary>Null for the span that began the trace.</summary>
    public string? ParentSpanId { get; init; }

    public required string Name { get; init; }
    public required TelemetrySource Source { get; init; }

    /// <summary>The name of the ActivitySource that made it.</summary>
    public string Scope { get; init; } = "";

    public ActivityKind Kind { get; init; }
    public required DateTimeOffset Start { get; init; }
    public required TimeSpan Duration { get; init; }
    public ActivityStatusCode Status { get; init; }
    public string? StatusMessage { get; init; }
    public IReadOnlyList<TelemetryAttribute> Attributes { get; init; } = [];
    public IReadOnlyList<SpanEventRecord> Events { get; init; } = [];
    public IReadOnlyList<SpanLinkRecord> Links { get; init; } = [];

    public DateTimeOffset End => Start + Duration;

    public bool HasError => Status == ActivityStatusCode.Error;

    public string? Attribute(string key)
    {
        foreach (var attribute in Attributes)
            if (attribute.Key == key)
                return attribute.Value;
        return null;
    }
}

public sealed record SpanEventRecord(string Name, DateTimeOffset Time, IReadOnlyList<TelemetryAttribute> Attributes);

public sealed record SpanLinkRecord(string TraceId, string SpanId, IReadOnlyList<TelemetryAttribute> Attributes);
