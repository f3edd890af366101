using Shop.Dashboard.Otlp.Wire;
using Shop.Dashboard.Telemetry;

namespace Shop.Dashboard.Otlp;

/// <summary>
/// Takes an export request of any signal, over whichever protocol it came: reads it into the model, hands it to the queue
/// and answers at once. What was not taken is said in the answer, so that it shows in the sender's own diagnostics.
/// </summary>
internal sealed class OtlpReceiver(IngestQueue queue)
{
    private const string Full = "The dashboard's queue is full: telemetry arrives faster than it is stored.";
    private const string NoIds = "Spans without a trace id of 16 bytes and a span id of 8 bytes were ignored.";

    public ExportTraceServiceResponse Receive(ExportTraceServiceRequest request)
    {
        var spans = SpanReader.Read(request, out var invalid);
        queue.CountInvalid(invalid);
        var taken = queue.TryEnqueue(new TelemetryBatch(spans, [], []));
        var rejected = taken ? invalid : invalid + spans.Count;
        return rejected == 0
            ? new ExportTraceServiceResponse()
            : new ExportTraceServiceResponse
            {
                PartialSuccess = new ExportTracePartialSuccess { RejectedSpans = rejected, ErrorMessage = taken ? NoIds : Full },
            };
    }

    public ExportLogsServiceResponse Receive(ExportLogsServiceRequest request)
    {
        var records = LogReader.Read(request);
        return queue.TryEnqueue(new TelemetryBatch([], records, []))
            ? new ExportLogsServiceResponse()
            : new ExportLogsServiceResponse
            {
                PartialSuccess = new ExportLogsPartialSuccess { RejectedLogRecords = records.Count, ErrorMessage = Full },
            };
    }

    public ExportMetricsServiceResponse Receive(ExportMetricsServiceRequest request)
    {
        var points = MetricReader.Read(request);
        return queue.TryEnqueue(new TelemetryBatch([], [], points))
            ? new ExportMetricsServiceResponse()
            : new ExportMetricsServiceResponse
            {
                PartialSuccess = new ExportMetricsPartialSuccess { RejectedDataPoints = points.Count, ErrorMessage = Full },
            };
    }
}
