namespace Shop.Dashboard.Telemetry;

/// <summary>One structured log record.</summary>
public sealed record LogRecord
{
    /// <summary>Given by the store in order of arrival, from 1; names the record on a page.</summary>
    public long Number { get; init; }

    public required DateTimeOffset Time { get; init; }
    public required TelemetrySource Source { get; init; }
    public required LogLevel Level { get; init; }
    public required string Category { get; init; }
    public required string Message { get; init; }

    /// <summary>The event's name, where the logger gave one.</summary>
    public string? EventName { get; init; }

    public string? TraceId { get; init; }
    public string? SpanId { get; init; }
    public IReadOnlyList<TelemetryAttribute> Attributes { get; init; } = [];
}
