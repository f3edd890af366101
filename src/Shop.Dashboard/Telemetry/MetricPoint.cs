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

    /// <summary>The attributes of the series one by one.</summary>
    public IReadOnlyList<TelemetryAttribute> Dimensions { get; init; } = [];

    /// <summary>Since when the sender adds up.</summary>
    public DateTimeOffset Start { get; init; }

    public required DateTimeOffset Time { get; init; }
    public required double Value { get; init; }

    /// <summary>How many values a histogram holds.</summary>
    public ulong? Count { get; init; }

    public double? Min { get; init; }
    public double? Max { get; init; }

    /// <summary>A sum that only grows (a counter): its rate is what tells something, not its value.</summary>
    public bool IsMonotonic { get; init; }

    /// <summary>The sender reports what came since its last report, not the total.</summary>
    public bool IsDelta { get; init; }

    /// <summary>How a histogram's values are spread; null where the sender did not say.</summary>
    public Buckets? Buckets { get; init; }

    /// <summary>Measurements with the trace that they were made in.</summary>
    public IReadOnlyList<Exemplar> Exemplars { get; init; } = [];

    public double? Average => Count is > 0 ? Value / Count.Value : null;

    public bool HasRate => IsMonotonic || Kind == MetricKind.Histogram;
}

/// <summary>One measurement, and the span in which it was made.</summary>
public sealed record Exemplar(DateTimeOffset Time, double Value, string TraceId, string SpanId);
