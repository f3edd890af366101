using Shop.Dashboard.Charts;
using Shop.Dashboard.Telemetry;
using Xunit;
using static Shop.Tests.Dashboard.Spans;

namespace Shop.Tests.Dashboard;

/// <summary>Which series a chart draws, and in which line: by resource, by replica, by a dimension, and narrowed.</summary>
public sealed class MetricSelectionTests
{
    private readonly MetricStore _store = new();

    public MetricSelectionTests() => _store.Add(
    [
        Lag("orders", "orders-0", "payments", "web", 4),
        Lag("orders", "orders-1", "payments", "web", 4),
        Lag("orders", "orders-0", "payments", "app", 1),
        Lag("gaming", "gaming-0", "gaming", "web", 16),
    ]);

    [Theory]
    [InlineData(MetricQuery.ByResource, "gaming 16", "orders 9")]
    [InlineData(MetricQuery.ByReplica, "gaming-0 16", "orders-0 5", "orders-1 4")]
    [InlineData("group", "gaming 16", "payments 9")]
    [InlineData("source", "app 1", "web 24")]
    [InlineData("colour", "(none) 25")]
    [InlineData(null, "all 25")]
    public void A_line_for_each(string? by, params string[] expected) => Assert.Equal(expected, Lines(new MetricQuery { Instrument = "lag", By = by }));

    [Theory]
    [InlineData("orders", "", "9")]
    [InlineData("gaming", "", "16")]
    [InlineData("", "source=web", "24")]
    [InlineData("orders", "source=web", "8")]
    [InlineData("orders", "source=web group=gaming", null)]
    [InlineData("", "group!~pay", "16")]
    [InlineData("order", "", null)]
    public void Only_the_resource_and_the_dimensions_asked_for(string resource, string where, string? expected) => Assert.Equal(
        expected is null ? [] : [$"all {expected}"], Lines(new MetricQuery { Instrument = "lag", Resource = resource, Where = AttributeCondition.ReadAll(where) }));

    [Theory]
    [InlineData(Statistic.Value, "gaming 16", "payments 9")]
    [InlineData(Statistic.Shared, "gaming 16", "payments 5")]
    [InlineData(Statistic.Greatest, "gaming 16", "payments 4")]
    public void What_every_replica_reports_of_the_same_thing_counts_once_when_asked(Statistic statistic, params string[] expected) =>
        Assert.Equal(expected, Lines(new MetricQuery { Instrument = "lag", By = "group", Statistic = statistic }));

    /// <summary>The list that the issue gives for the ready page, and what the services report for it (which a system test asks a running shop).</summary>
    [Theory]
    [InlineData("shop.orders.placements", "{order}/s")]
    [InlineData("shop.orders.to_paid", "")]
    [InlineData("shop.streams.lag", "")]
    [InlineData("shop.streams.pending", "")]
    [InlineData("shop.streams.dead_letters_held", "")]
    [InlineData("shop.jobs.count", "")]
    [InlineData("shop.locks.wait", "")]
    [InlineData("shop.limits.rejections", "{request}/s")]
    [InlineData("shop.outbox.backlog", "")]
    [InlineData("orleans-catalog-activations", "")]
    [InlineData("dotnet.gc.pause.time", "s/s")]
    [InlineData("dotnet.process.cpu.time", "s/s")]
    public void The_ready_page_has_a_panel_for(string instrument, string rate)
    {
        var panel = Assert.Single(ShopPanels.All.SelectMany(static section => section.Panels), panel => panel.Instrument == instrument);
        _store.Add([Point(instrument, rate), Point(instrument, rate) with { Time = Epoch.AddSeconds(2), Value = 2 }]);

        var (query, chart) = ShopPanels.Read(panel, _store, TimeWindow.Short, Epoch.AddSeconds(3))!.Value;

        Assert.Equal(instrument, query.Instrument);
        Assert.Equal(rate, chart.Unit);
        Assert.False(chart.IsEmpty);
    }

    private IEnumerable<string> Lines(MetricQuery query) =>
        ChartData.Of(_store.Read(query.Wants), query, Epoch.AddSeconds(1)).Lines.Select(static line => $"{line.Label} {line.Last}");

    private static MetricPoint Point(string instrument, string rate) => Lag("orders", "orders-0", "payments", "web", 1) with
    {
        Series = new MetricSeriesKey(new TelemetrySource("orders", "orders-0"), "Shop", instrument, ""),
        Kind = rate.Length > 0 ? MetricKind.Sum : MetricKind.Gauge,
        IsMonotonic = rate.Length > 0,
        Unit = rate.Length > 0 ? rate[..^2] : "",
        Dimensions = [new TelemetryAttribute("grain_type", "order")],
    };

    private static MetricPoint Lag(string resource, string instance, string group, string source, double value) => new()
    {
        Series = new MetricSeriesKey(new TelemetrySource(resource, instance), "Shop", "lag", $"group={group} source={source}"),
        Kind = MetricKind.Gauge,
        Start = Epoch,
        Time = Epoch,
        Value = value,
        Dimensions = [new TelemetryAttribute("group", group), new TelemetryAttribute("source", source)],
    };
}
