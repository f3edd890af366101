using Google.Protobuf.Collections;
using Shop.Dashboard.Otlp.Wire;
using Shop.Dashboard.Telemetry;
using static Shop.Dashboard.Otlp.AttributeReader;

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
                    points.AddRange(Read(metric, new Instrument(source, scope.Scope?.Name ?? "", metric)));
        }
        return points;
    }

    private static IEnumerable<MetricPoint> Read(Metric metric, Instrument of) => metric.DataCase switch
    {
        Metric.DataOneofCase.Gauge => metric.Gauge.DataPoints.Select(point => Number(of, point, MetricKind.Gauge, isDelta: false)),
        Metric.DataOneofCase.Sum => metric.Sum.DataPoints.Select(point => Number(of, point, MetricKind.Sum, metric.Sum.AggregationTemporality == Delta)),
        Metric.DataOneofCase.Histogram => metric.Histogram.DataPoints.Select(point =>
            of.Point(point.Attributes, point.TimeUnixNano, MetricKind.Histogram, point.Sum, metric.Histogram.AggregationTemporality == Delta) with
            {
                Count = point.Count,
                Min = point.HasMin ? point.Min : null,
                Max = point.HasMax ? point.Max : null,
            }),
        Metric.DataOneofCase.ExponentialHistogram => metric.ExponentialHistogram.DataPoints.Select(point =>
            of.Point(point.Attributes, point.TimeUnixNano, MetricKind.Histogram, point.Sum, metric.ExponentialHistogram.AggregationTemporality == Delta) with
            {
                Count = point.Count,
                Min = point.HasMin ? point.Min : null,
                Max = point.HasMax ? point.Max : null,
            }),
        _ => [],
    };

    private static MetricPoint Number(Instrument of, NumberDataPoint point, MetricKind kind, bool isDelta) =>
        of.Point(point.Attributes, point.TimeUnixNano, kind,
            point.ValueCase == NumberDataPoint.ValueOneofCase.AsInt ? point.AsInt : point.AsDouble, isDelta);

    private readonly record struct Instrument(TelemetrySource Source, string Meter, Metric Metric)
    {
        public MetricPoint Point(RepeatedField<KeyValue> attributes, ulong time, MetricKind kind, double value, bool isDelta) => new()
        {
            Series = new MetricSeriesKey(Source, Meter, Metric.Name, Join(attributes)),
            Kind = kind,
            Unit = Metric.Unit,
            Description = Metric.Description,
            Time = Time(time),
            Value = value,
            IsDelta = isDelta,
        };

        /// <summary>In one order, whatever the sender's: the text tells series apart.</summary>
        private static string Join(RepeatedField<KeyValue> attributes) =>
            string.Join(", ", Attributes(attributes).OrderBy(static attribute => attribute.Key, StringComparer.Ordinal)
                .Select(static attribute => $"{attribute.Key}={attribute.Value}"));
    }
}
