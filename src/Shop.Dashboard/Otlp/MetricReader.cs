using Google.Protobuf.Collections;
using Shop.Dashboard.Otlp.Wire;
using Shop.Dashboard.Telemetry;
using static Shop.Dashboard.Otlp.AttributeReader;
using Buckets = Shop.Dashboard.Telemetry.Buckets;
using Exemplar = Shop.Dashboard.Telemetry.Exemplar;

namespace Shop.Dashboard.Otlp;

/// <summary>Metric points from the wire into the model.</summary>
internal static class MetricReader
{
    private const int Delta = 1;

    public static List<MetricPoint> Read(ExportMetricsServiceRequest request)
    {
        var points = new List<MetricPoint>();
        foreach (var resource in request.ResourceMetrics)
        {
            var source = Source(resource.Resource);
            foreach (var scope in resource.ScopeMetrics)
                foreach (var metric in scope.Metrics)
                    points.AddRange(Read(metric, new Instrument(source, Pooled(scope.Scope?.Name ?? ""), metric)));
        }
        return points;
    }

    private static IEnumerable<MetricPoint> Read(Metric metric, Instrument of) => metric.DataCase switch
    {
        Metric.DataOneofCase.Gauge => metric.Gauge.DataPoints.Select(point => Number(of, point, MetricKind.Gauge)),
        Metric.DataOneofCase.Sum => metric.Sum.DataPoints.Select(point => Number(of, point, MetricKind.Sum) with
        {
            IsDelta = metric.Sum.AggregationTemporality == Delta,
            IsMonotonic = metric.Sum.IsMonotonic,
        }),
        Metric.DataOneofCase.Histogram => metric.Histogram.DataPoints.Select(point => Histogram(of, point, metric.Histogram.AggregationTemporality == Delta)),
        Metric.DataOneofCase.ExponentialHistogram => metric.ExponentialHistogram.DataPoints.Select(point => Exponential(of, point, metric.ExponentialHistogram.AggregationTemporality == Delta)),
        Metric.DataOneofCase.Summary => metric.Summary.DataPoints.Select(point =>
            of.Point(point.Attributes, point.StartTimeUnixNano, point.TimeUnixNano, MetricKind.Histogram, point.Sum) with { Count = point.Count }),
        _ => [],
    };

    private static MetricPoint Number(Instrument of, NumberDataPoint point, MetricKind kind) =>
        of.Point(point.Attributes, point.StartTimeUnixNano, point.TimeUnixNano, kind,
            point.ValueCase == NumberDataPoint.ValueOneofCase.AsInt ? point.AsInt : point.AsDouble) with
        {
            Exemplars = Exemplars(point.Exemplars),
        };

    private static MetricPoint Histogram(Instrument of, HistogramDataPoint point, bool isDelta) =>
        of.Point(point.Attributes, point.StartTimeUnixNano, point.TimeUnixNano, MetricKind.Histogram, point.Sum) with
        {
            IsDelta = isDelta,
            Count = point.Count,
            Min = point.HasMin ? point.Min : null,
            Max = point.HasMax ? point.Max : null,
            Buckets = point.BucketCounts.Count is var count && count == point.ExplicitBounds.Count + 1 && count <= 4 * MaxItems
                ? new Buckets([.. point.ExplicitBounds], [.. point.BucketCounts])
                : null,
            Exemplars = Exemplars(point.Exemplars),
        };

    private static MetricPoint Exponential(Instrument of, ExponentialHistogramDataPoint point, bool isDelta) =>
        of.Point(point.Attributes, point.StartTimeUnixNano, point.TimeUnixNano, MetricKind.Histogram, point.Sum) with
        {
            IsDelta = isDelta,
            Count = point.Count,
            Min = point.HasMin ? point.Min : null,
            Max = point.HasMax ? point.Max : null,
            Buckets = Buckets.FromExponential(
                point.Scale, point.Positive?.Offset ?? 0, point.Positive?.BucketCounts ?? [],
                (point.Negative?.BucketCounts ?? []).Aggregate(point.ZeroCount, static (sum, count) => sum + count)),
            Exemplars = Exemplars(point.Exemplars),
        };

    private static List<Exemplar> Exemplars(RepeatedField<Wire.Exemplar> exemplars) =>
    [
        .. exemplars.Take(MaxItems).Select(static exemplar => Id(exemplar.TraceId, 16) is { } trace && Id(exemplar.SpanId, 8) is { } span
            ? new Exemplar(Time(exemplar.TimeUnixNano), exemplar.ValueCase == Wire.Exemplar.ValueOneofCase.AsInt ? exemplar.AsInt : exemplar.AsDouble, trace, span)
            : null).OfType<Exemplar>(),
    ];

    private readonly record struct Instrument(TelemetrySource Source, string Meter, Metric Metric)
    {
        public MetricPoint Point(RepeatedField<KeyValue> attributes, ulong start, ulong time, MetricKind kind, double value)
        {
            // In one order, whatever the sender's: the text tells series apart.
            var dimensions = Attributes(attributes);
            Array.Sort(dimensions, static (one, other) => string.CompareOrdinal(one.Key, other.Key));
            return new MetricPoint
            {
                Series = new MetricSeriesKey(Source, Meter, Metric.Name, string.Join(", ", dimensions.Select(static attribute => $"{attribute.Key}={attribute.Value}"))),
                Dimensions = dimensions,
                Kind = kind,
                Unit = Metric.Unit,
                Description = Metric.Description,
                Start = AttributeReader.Time(start),
                Time = AttributeReader.Time(time),
                Value = value,
            };
        }
    }
}
