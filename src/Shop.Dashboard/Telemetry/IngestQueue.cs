using System.Threading.Channels;

namespace Shop.Dashboard.Telemetry;

/// <summary>The content of one export request.</summary>
internal sealed record TelemetryBatch(
    IReadOnlyList<SpanRecord> Spans, IReadOnlyList<LogRecord> Logs, IReadOnlyList<MetricPoint> Metrics)
{
    public int Count => Spans.Count + Logs.Count + Metrics.Count;
}

/// <summary>
/// What stands between a service that exports and the stores. An export is answered as soon as its batch is in this queue,
/// so a slow page or a long search never makes a service wait; when the queue is full the batch is dropped, counted here,
/// and the sender told so (OTLP's partial success, which no exporter answers by sending again).
/// </summary>
internal sealed class IngestQueue(int capacity = IngestQueue.DefaultCapacity, int maxRecords = IngestQueue.DefaultMaxRecords)
{
    /// <summary>In batches; exporters send up to 512 records in each.</summary>
    public const int DefaultCapacity = 256;

    /// <summary>In all batches together, however large each is.</summary>
    public const int DefaultMaxRecords = 100_000;

    private readonly Channel<TelemetryBatch> _batches = Channel.CreateBounded<TelemetryBatch>(
        new BoundedChannelOptions(capacity) { SingleReader = true });

    private int _records;
    private long _dropped;
    private long _invalid;

    /// <summary>Records that came while the queue was full.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Records without the ids that the protocol asks for.</summary>
    public long Invalid => Interlocked.Read(ref _invalid);

    /// <summary>The batches in order of arrival, until the queue is closed and empty.</summary>
    public async IAsyncEnumerable<TelemetryBatch> ReadAllAsync()
    {
        await foreach (var batch in _batches.Reader.ReadAllAsync())
        {
            yield return batch;
            Interlocked.Add(ref _records, -batch.Count); // it counts until it is stored
        }
    }

    /// <summary>Never waits. False: the batch was dropped.</summary>
    public bool TryEnqueue(TelemetryBatch batch)
    {
        if (batch.Count == 0)
            return true;
        if (Interlocked.Add(ref _records, batch.Count) <= maxRecords && _batches.Writer.TryWrite(batch))
            return true;
        Interlocked.Add(ref _records, -batch.Count);
        Interlocked.Add(ref _dropped, batch.Count);
        return false;
    }

    /// <summary>Takes nothing more; what is queued can still be read.</summary>
    public void Close() => _batches.Writer.TryComplete();

    public void CountInvalid(int records) => Interlocked.Add(ref _invalid, records);
}
