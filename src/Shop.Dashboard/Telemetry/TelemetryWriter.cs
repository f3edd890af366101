namespace Shop.Dashboard.Telemetry;

/// <summary>Moves batches from the queue into the stores: the only writer they have. Ends when it has stored what was queued.</summary>
internal sealed class TelemetryWriter(IngestQueue queue, TraceStore traces, LogStore logs, MetricStore metrics, ResourceNames resources, Changes changes) : BackgroundService
{
    public override Task StopAsync(CancellationToken cancellationToken)
    {
        queue.Close();
        return base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var batch in queue.ReadAllAsync())
            Store(batch);
    }

    private void Store(TelemetryBatch batch)
    {
        foreach (var span in batch.Spans)
            resources.Note(span.Source);
        foreach (var record in batch.Logs)
            resources.Note(record.Source);
        foreach (var point in batch.Metrics)
            resources.Note(point.Series.Source);
        traces.Add(batch.Spans);
        logs.Add(batch.Logs);
        metrics.Add(batch.Metrics);
        changes.Note(Changes.Traces, batch.Spans.Count);
        changes.Note(Changes.Logs, batch.Logs.Count);
        changes.Note(Changes.Metrics, batch.Metrics.Count);
    }
}
