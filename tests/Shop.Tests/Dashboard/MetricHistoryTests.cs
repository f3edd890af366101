using Shop.Dashboard.Charts;
using Shop.Dashboard.Telemetry;
using Xunit;
using static Shop.Tests.Dashboard.Spans;

namespace Shop.Tests.Dashboard;

public sealed class MetricHistoryTests
{
    private readonly MetricStore _store = new();

    [Fact]
    public void A_counter_is_drawn_as_its_rate_over_all_replicas()
    {
        for (var second = 0; second <= 60; second++)
            _store.Add([Counter("orders-0", second, 5 * second), Counter("orders-1", second, 15 * second)]);

        var chart = Chart(new MetricQuery { Instrument = "placed" }, at: 60);

        Assert.Equal("{order}/s", chart.Unit);
        Assert.Equal(20, Assert.Single(chart.Lines).Last!.Value, precision: 6);
    }

    [Fact]
    public void A_counter_of_a_process_that_began_anew_has_no_negative_rate()
    {
        for (var second = 0; second <= 60; second++)
            _store.Add([Counter("orders-0", second, second < 30 ? second : second - 30)]);

        var values = Chart(new MetricQuery { Instrument = "placed" }, at: 60).Lines[0].Values;

        Assert.All(values.OfType<double>(), value => Assert.InRange(value, 0, 10));
    }

    [Fact]
    public void A_counter_that_was_there_before_the_dashboard_does_not_begin_with_a_leap()
    {
        _store.Add([Counter("orders-0", 0, 1_000_000) with { Start = DateTimeOffset.UnixEpoch }, Counter("orders-0", 2, 1_000_004) with { Start = DateTimeOffset.UnixEpoch }]);

        Assert.All(Chart(new MetricQuery { Instrument = "placed" }, at: 10).Lines[0].Values.OfType<double>(), value => Assert.InRange(value, 0, 2));
    }

    [Fact]
    public void A_line_for_each_value_of_a_dimension()
    {
        _store.Add([Gauge("lag", 7, ("group", "payments")), Gauge("lag", 2, ("group", "gaming")), Gauge("lag", 1, ("group", "gaming"), ("partition", "1"))]);

        var chart = Chart(new MetricQuery { Instrument = "lag", By = "group" }, at: 1);

        Assert.Equal([("gaming", 3.0), ("payments", 7.0)], chart.Lines.Select(line => (line.Label, line.Last!.Value)));
    }

    [Fact]
    public void A_series_that_has_fallen_silent_ends()
    {
        _store.Add([Gauge("lag", 7, ("group", "payments"))]);

        var values = Chart(new MetricQuery { Instrument = "lag" }, at: 115).Lines[0].Values;

        Assert.Equal(7, values.First(value => value is not null));
        Assert.Null(values[^1]);
    }

    [Fact]
    public void A_histogram_shows_percentiles_of_what_came_lately_over_all_series()
    {
        _store.Add([Histogram(0, [100, 0, 0, 0]), Histogram(30, [100, 50, 0, 0]), Histogram(59, [100, 50, 95, 5])]);

        var chart = Chart(new MetricQuery { Instrument = "to_paid" }, at: 60);

        Assert.Equal(["p99", "p95", "p50"], chart.Lines.Select(line => line.Label));
        Assert.InRange(chart.Lines[2].Last!.Value, 1, 2);
        Assert.InRange(chart.Lines[0].Last!.Value, 2, 10);
    }

    [Theory]
    [InlineData(0.5, 0.5)]
    [InlineData(0.95, 0.95)]
    [InlineData(1, 1)]
    public void A_percentile_lies_on_the_line_between_the_bounds(double share, double expected) =>
        Assert.Equal(expected, new Buckets([1, 2], [100, 0, 0]).Quantile(share)!.Value, precision: 6);

    [Fact]
    public void A_percentile_never_leaves_what_was_measured()
    {
        var buckets = new Buckets([1, 10], [0, 0, 4]);

        Assert.Equal(12, buckets.Quantile(0.99, min: 12, max: 12));
        Assert.Null(new Buckets([1], [0, 0]).Quantile(0.5));
    }

    [Fact]
    public void Exponential_histograms_of_any_scale_have_percentiles_within_a_tenth()
    {
        foreach (var scale in (int[])[-1, 0, 3, 8])
        {
            // A thousand values around 100: one bucket of the exponential scale.
            var index = (int)Math.Ceiling(Math.Log2(100) * Math.Pow(2, scale)) - 1;
            var buckets = Buckets.FromExponential(scale, index, [1000], zeroOrLess: 0);
            var tolerance = Math.Max(0.2, Math.Pow(2, Math.Pow(2, -scale)) - 1);
            Assert.InRange(buckets.Quantile(0.5)!.Value, 100 / (1 + tolerance), 100 * (1 + tolerance));
        }
    }

    [Fact]
    public void Exemplars_name_the_trace_of_a_measurement()
    {
        _store.Add([Histogram(10, [1, 0, 0, 0]) with { Exemplars = [new Exemplar(Epoch.AddSeconds(9), 0.4, "t1", "s1")] }]);

        var exemplar = Assert.Single(Chart(new MetricQuery { Instrument = "to_paid" }, at: 20).Exemplars);

        Assert.Equal(("t1", "s1", 0.4), (exemplar.TraceId, exemplar.SpanId, exemplar.Value));
    }

    [Fact]
    public void An_hour_is_kept_of_a_series_in_bounded_memory()
    {
        for (var second = 0; second < 7_200; second++)
            _store.Add([Counter("orders-0", second, second)]);

        var samples = Assert.Single(_store.Read(_ => true)).Samples;

        Assert.InRange(samples.Count, 200, 400);
        Assert.InRange((samples[^1].Time - samples[0].Time).TotalMinutes, 55, 65);
        Assert.Equal(samples.OrderBy(sample => sample.Time), samples);
    }

    [Fact]
    public void The_ready_page_shows_what_is_reported_and_leaves_the_rest_empty()
    {
        _store.Add([Gauge("shop.streams.lag", 3, ("messaging.consumer.group.name", "payments"))]);
        var panels = ShopPanels.All.SelectMany(section => section.Panels).ToList();

        var read = panels.Select(panel => ShopPanels.Read(panel, _store, TimeWindow.Short, Epoch.AddSeconds(1))).ToList();

        var chart = Assert.Single(read.OfType<(MetricQuery, ChartData Chart)>()).Chart;
        Assert.Equal(("payments", 3.0), (chart.Lines[0].Label, chart.Lines[0].Last!.Value));
    }

    private ChartData Chart(MetricQuery query, int at) => ChartData.Of(_store.Read(query.Wants), query, Epoch.AddSeconds(at));

    private static MetricPoint Counter(string instance, int second, double value) => Point("placed", instance, second, value) with { Kind = MetricKind.Sum, IsMonotonic = true, Unit = "{order}" };

    private static MetricPoint Gauge(string instrument, double value, params (string Key, string Value)[] dimensions) => Point(instrument, "1", 0, value) with
    {
        Series = new MetricSeriesKey(new TelemetrySource("orders", "1"), "Shop", instrument, string.Join(',', dimensions)),
        Dimensions = [.. dimensions.Select(pair => new TelemetryAttribute(pair.Key, pair.Value))],
    };

    private static MetricPoint Histogram(int second, ulong[] counts) => Point("to_paid", "1", second, 1) with
    {
        Kind = MetricKind.Histogram,
        Count = counts.Aggregate(0ul, (sum, count) => sum + count),
        Buckets = new Buckets([0.5, 1, 2], counts),
        Max = 10,
        Unit = "s",
    };

    private static MetricPoint Point(string instrument, string instance, int second, double value) => new()
    {
        Series = new MetricSeriesKey(new TelemetrySource("orders", instance), "Shop", instrument, ""),
        Kind = MetricKind.Gauge,
        Start = Epoch,
        Time = Epoch.AddSeconds(second),
        Value = value,
    };
}
