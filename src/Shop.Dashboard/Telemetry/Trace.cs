namespace Shop.Dashboard.Telemetry;

/// <summary>The spans of one trace that have arrived so far. Guarded by its store's lock.</summary>
internal sealed class Trace(string id, int capacity)
{
    private readonly Dictionary<string, SpanRecord> _spans = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _spansPerSource = new(StringComparer.Ordinal);
    private SpanRecord? _first;
    private DateTimeOffset _start = DateTimeOffset.MaxValue;
    private DateTimeOffset _end;
    private bool _hasErrors;

    public IReadOnlyCollection<SpanRecord> Spans => _spans.Values;

    /// <summary>About how many bytes its spans take.</summary>
    public long Weight { get; private set; }

    /// <summary>Spans refused because the trace was full.</summary>
    public int Dropped { get; private set; }

    /// <summary>False: a repeat (an exporter tried again after a lost reply), or the trace is full.</summary>
    public bool Add(SpanRecord span)
    {
        if (_spans.ContainsKey(span.SpanId))
            return false;
        if (_spans.Count == capacity)
        {
            Dropped++;
            return false;
        }
        _spans.Add(span.SpanId, span);
        Weight += Telemetry.Weight.Of(span);
        _spansPerSource[span.Source.Name] = _spansPerSource.GetValueOrDefault(span.Source.Name) + 1;
        _hasErrors |= span.HasError;
        if (span.Start < _start)
            _start = span.Start;
        if (span.End > _end)
            _end = span.End;
        if (_first is null || IsBefore(span, _first))
            _first = span;
        return true;
    }

    public TraceSummary Summarise()
    {
        var first = _first!;
        return new TraceSummary(id, first.Name, first.Source.Name,
            [.. _spansPerSource.Select(static pair => new SourceCount(pair.Key, pair.Value))
                .OrderByDescending(source => source.Name == first.Source.Name).ThenBy(static source => source.Name, StringComparer.Ordinal)],
            _spans.Count, Dropped, _start, _end - _start, _hasErrors);
    }

    public bool Matches(TraceFilter filter)
    {
        if (filter.ErrorsOnly && !_hasErrors)
            return false;
        if (filter.Resource is { Length: > 0 } resource && !_spansPerSource.ContainsKey(resource))
            return false;
        if (_end - _start < filter.MinDuration || _start < filter.From || _start >= filter.To)
            return false;
        if (!filter.IncludeHealthChecks && IsHealthCheck())
            return false;
        foreach (var condition in filter.Attributes)
            if (!_spans.Values.Any(condition.IsMetBy))
                return false;
        return filter.Text is not { Length: > 0 } text || Contains(text);
    }

    /// <summary>Every span that has no parent here asks a service for its health: so do all that hang below it.</summary>
    private bool IsHealthCheck()
    {
        foreach (var span in _spans.Values)
            if ((span.ParentSpanId is null || !_spans.ContainsKey(span.ParentSpanId)) && !HealthChecks.IsHealthCheck(span))
                return false;
        return true;
    }

    private bool Contains(string text) =>
        id.StartsWith(text, StringComparison.OrdinalIgnoreCase) || _spans.Values.Any(span => span.Contains(text));

    /// <summary>A span without a parent names the trace before all others; among equals, the earliest.</summary>
    private static bool IsBefore(SpanRecord span, SpanRecord other) =>
        (span.ParentSpanId is null, other.ParentSpanId is null) switch
        {
            (true, false) => true,
            (false, true) => false,
            _ => span.Start < other.Start,
        };
}
