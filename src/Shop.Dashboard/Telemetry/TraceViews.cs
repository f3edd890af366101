namespace Shop.Dashboard.Telemetry;

/// <summary>Which traces to list, newest first.</summary>
/// <param name="Text">Part of a span's name or of an attribute's value, or the beginning of a trace id.</param>
/// <param name="Resource">The exact name of a resource that took part.</param>
/// <param name="ErrorsOnly">Only traces in which a span failed.</param>
/// <param name="IncludeHealthChecks">Also the traces that do nothing but ask a service for its health.</param>
/// <param name="Limit">At most so many.</param>
public sealed record TraceFilter(string? Text = null, string? Resource = null, bool ErrorsOnly = false, bool IncludeHealthChecks = false, int Limit = 200);

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
