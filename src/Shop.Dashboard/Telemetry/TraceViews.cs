namespace Shop.Dashboard.Telemetry;

public sealed record SourceCount(string Name, int Spans);

/// <summary>
/// A trace in one line. Its first span gives the name and the resource (<see cref="Source"/>); the duration reaches from the
/// first start to the last end; <see cref="Dropped"/> counts the spans refused because the trace was full.
/// </summary>
public sealed record TraceSummary(
    string TraceId, string Name, string Source, IReadOnlyList<SourceCount> Sources, int SpanCount, int Dropped,
    DateTimeOffset Start, TimeSpan Duration, bool HasErrors);

/// <summary>A trace with all its spans, in order of their start.</summary>
public sealed record TraceDetail(TraceSummary Summary, IReadOnlyList<SpanRecord> Spans);
