using Shop.Dashboard.Otlp.Wire;
using static Shop.Dashboard.Otlp.AttributeReader;
using LogRecord = Shop.Dashboard.Telemetry.LogRecord;

namespace Shop.Dashboard.Otlp;

/// <summary>Log records from the wire into the model.</summary>
internal static class LogReader
{
    public static List<LogRecord> Read(ExportLogsServiceRequest request)
    {
        var records = new List<LogRecord>();
        foreach (var resource in request.ResourceLogs)
        {
            var source = Source(resource.Resource);
            foreach (var scope in resource.ScopeLogs)
            {
                foreach (var record in scope.LogRecords)
                {
                    records.Add(new LogRecord
                    {
                        Time = Time(record.TimeUnixNano != 0 ? record.TimeUnixNano : record.ObservedTimeUnixNano),
                        Source = source,
                        Level = Level(record.SeverityNumber),
                        Category = Pooled(scope.Scope?.Name ?? ""),
                        Message = Text(record.Body),
                        EventName = record.EventName is { Length: > 0 } name ? name : null,
                        TraceId = Id(record.TraceId, 16),
                        SpanId = Id(record.SpanId, 8),
                        Attributes = Attributes(record.Attributes),
                    });
                }
            }
        }
        return records;
    }

    private static LogLevel Level(int severity) => severity switch
    {
        >= 21 => LogLevel.Critical,
        >= 17 => LogLevel.Error,
        >= 13 => LogLevel.Warning,
        >= 9 => LogLevel.Information,
        >= 5 => LogLevel.Debug,
        >= 1 => LogLevel.Trace,
        _ => LogLevel.Information,
    };
}
