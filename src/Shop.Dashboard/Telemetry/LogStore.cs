namespace Shop.Dashboard.Telemetry;

/// <summary>Which records to list, newest first.</summary>
/// <param name="Text">Part of the message, the category or an attribute's value.</param>
/// <param name="Resource">The exact name of a resource.</param>
/// <param name="MinimumLevel">This level and all above it.</param>
/// <param name="TraceId">Only records written inside this trace.</param>
/// <param name="SpanId">Only records written inside this span.</param>
/// <param name="Limit">At most so many.</param>
/// <param name="Until">The number of the last record to show: what came later stays out, so that an address goes on showing it.</param>
public sealed record LogFilter(
    string? Text = null, string? Resource = null, LogLevel MinimumLevel = LogLevel.Trace, string? TraceId = null, string? SpanId = null, int Limit = 500, long? Until = null)
{
    public bool Accepts(LogRecord record) =>
        record.Level >= MinimumLevel && (Until is null || record.Number <= Until)
        && (Resource is not { Length: > 0 } || record.Source.Name == Resource)
        && (TraceId is not { Length: > 0 } || string.Equals(record.TraceId, TraceId, StringComparison.OrdinalIgnoreCase))
        && (SpanId is not { Length: > 0 } || string.Equals(record.SpanId, SpanId, StringComparison.OrdinalIgnoreCase))
        && (Text is not { Length: > 0 } text || record.Contains(text));
}

/// <summary>Holds the newest log records; the ones that came first leave first.</summary>
internal sealed class LogStore(int capacity = LogStore.DefaultCapacity, long maxBytes = LogStore.DefaultMaxBytes)
{
    public const int DefaultCapacity = 20_000;
    public const long DefaultMaxBytes = 64L * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Queue<LogRecord> _records = new();
    private long _last;
    private long _bytes;

    public int Count
    {
        get
        {
            lock (_gate)
                return _records.Count;
        }
    }

    public void Add(IReadOnlyList<LogRecord> records)
    {
        lock (_gate)
        {
            foreach (var record in records)
            {
                _records.Enqueue(record with { Number = ++_last });
                _bytes += Weight.Of(record);
                while (_records.Count > capacity || (_bytes > maxBytes && _records.Count > 0))
                    _bytes -= Weight.Of(_records.Dequeue());
            }
        }
    }

    /// <summary>Newest first by the record's own time: batches of several services interleave.</summary>
    public IReadOnlyList<LogRecord> List(LogFilter filter)
    {
        LogRecord[] held;
        lock (_gate)
            held = [.. _records];
        return [.. held.Where(filter.Accepts).OrderByDescending(static record => record.Time).ThenByDescending(static record => record.Number).Take(filter.Limit)];
    }
}
