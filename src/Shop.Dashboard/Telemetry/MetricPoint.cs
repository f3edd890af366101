namespace Shop.Dashboard.Telemetry;

public enum MetricKind { Gauge, Sum, Histogram }

/// <summary>What makes a series: the same instrument with other attributes is another one.</summary>
public sealed record MetricSeriesKey(TelemetrySource Source, string Meter, string Instrument, string Attributes);

/// <summary>The value of one series at one time. Of a histogram, <see cref="Value"/> is the sum of what was recorded.</summary>
public sealed record MetricPoint
{
    public required MetricSeriesKey Series { get; init; }
    public required MetricKind Kind { get; init; }
    public string Unit { get; init; } = "";
    public string Description { get; init; } = "";
    public required DateTimeOffset Time { get; init; }
    public required double Value { get; init; }

    /// <summary>How many values a histogram holds.</summary>
    public ulong? Count { get; init; }

    public double? Min { get; init; }
    public double? Max { get; init; }

    /// <summary>The sender reports what came since its last report, not the total.</summary>
    public bool IsDelta { get; init; }

    public double? Average => Count is > 0 ? Value / Count.Value : null;
}
