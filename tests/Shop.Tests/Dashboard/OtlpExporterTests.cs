using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Shop.Dashboard.Api;
using Shop.Testing;
using Xunit;

namespace Shop.Tests.Dashboard;

/// <summary>The official .NET exporter, as the services use it, against a running dashboard.</summary>
public sealed class OtlpExporterTests
{
    private const int ExportTimeoutMs = 20_000;

    private ActivityContext _paid;

    private readonly string _name = $"test.{Guid.CreateVersion7():N}";

    [Theory]
    [InlineData(OtlpExportProtocol.Grpc)]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    public async Task Spans_of_two_services_become_one_trace(OtlpExportProtocol protocol)
    {
        await using var dashboard = await RunningDashboard.StartAsync("secret");
        using var source = new ActivitySource(_name);
        ActivityContext placed;
        using (var orders = Tracing(dashboard, protocol, "orders"))
        {
            using var place = source.StartActivity("place", ActivityKind.Server)!;
            place.SetTag("order.id", "o-1").SetTag("lines", 3).SetTag("skus", new[] { "a", "b" });
            place.AddEvent(new ActivityEvent("stock taken", tags: new ActivityTagsCollection { ["sku"] = "a" }));
            placed = place.Context;
            place.Stop();
            Assert.True(orders.ForceFlush(ExportTimeoutMs));
        }
        using (var payments = Tracing(dashboard, protocol, "payments"))
        {
            using var take = source.StartActivity("take", ActivityKind.Consumer, placed, links: [new ActivityLink(placed)])!;
            take.SetStatus(ActivityStatusCode.Error, "declined");
            take.Stop();
            Assert.True(payments.ForceFlush(ExportTimeoutMs));
        }

        var trace = await dashboard.TraceAsync(placed.TraceId.ToHexString(), spans: 2);

        Assert.Equal(("place", "orders", true), (trace.Trace.Name, trace.Trace.Resource, trace.Trace.HasErrors));
        Assert.Equal(["orders", "payments"], trace.Trace.Resources);
        var (first, second) = (trace.Spans[0], trace.Spans[1]);
        Assert.Equal((placed.SpanId.ToHexString(), null, ActivityKind.Server, "orders-1"), (first.SpanId, first.ParentSpanId, first.Kind, first.Instance));
        Assert.Equal(("o-1", "3", """["a","b"]"""), (first.Attributes["order.id"], first.Attributes["lines"], first.Attributes["skus"]));
        Assert.Equal(("stock taken", "a"), (first.Events[0].Name, first.Events[0].Attributes["sku"]));
        Assert.Equal((first.SpanId, ActivityKind.Consumer, ActivityStatusCode.Error, "declined"), (second.ParentSpanId, second.Kind, second.Status, second.StatusMessage));
        Assert.Equal((first.TraceId, first.SpanId), (second.Links[0].TraceId, second.Links[0].SpanId));
        Assert.Equal(_name, second.Scope);
    }

    [Theory]
    [InlineData(OtlpExportProtocol.Grpc)]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    public async Task A_log_record_keeps_its_message_level_and_trace(OtlpExportProtocol protocol)
    {
        await using var dashboard = await RunningDashboard.StartAsync("secret");
        using var activity = new Activity("place").SetIdFormat(ActivityIdFormat.W3C).Start();
        using (var logging = LoggerFactory.Create(builder => builder.AddOpenTelemetry(options =>
        {
            options.IncludeFormattedMessage = true;
            options.SetResourceBuilder(Resource("orders")).AddOtlpExporter(exporter => Configure(exporter, dashboard, protocol, "logs"));
        })))
        {
            logging.CreateLogger("Shop.Orders").LogWarning("Order {OrderId} waits", "o-1");
        }

        var log = Assert.Single(await Eventually.BecomesAsync(
            () => dashboard.GetAsync<IReadOnlyList<LogView>>($"/api/logs?traceId={activity.TraceId}"), logs => logs.Count > 0, "the log record"));

        Assert.Equal(("Order o-1 waits", LogLevel.Warning, "orders", "Shop.Orders"), (log.Message, log.Level, log.Resource, log.Category));
        Assert.Equal((activity.TraceId.ToHexString(), activity.SpanId.ToHexString(), "o-1"), (log.TraceId, log.SpanId, log.Attributes["OrderId"]));
    }

    [Theory]
    [InlineData(OtlpExportProtocol.Grpc)]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    public async Task Metrics_arrive_with_their_latest_values(OtlpExportProtocol protocol)
    {
        await using var dashboard = await RunningDashboard.StartAsync("secret");
        using var meter = new Meter(_name);
        var placed = meter.CreateCounter<long>("shop.orders.placed", "{order}");
        var seconds = meter.CreateHistogram<double>("shop.orders.to_paid", "s", null, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1, 2] });
        var exponential = meter.CreateHistogram<double>("shop.orders.exponential", "s");
        using (var metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(Resource("orders")).AddMeter(_name).SetExemplarFilter(ExemplarFilterType.TraceBased)
            .AddView("shop.orders.exponential", new Base2ExponentialBucketHistogramConfiguration())
            .AddOtlpExporter(exporter => Configure(exporter, dashboard, protocol, "metrics")).Build())
        {
            for (var i = 1; i <= 100; i++)
                exponential.Record(i);
            placed.Add(2, new KeyValuePair<string, object?>("country", "DE"));
            seconds.Record(0.5);
            using (var payment = new Activity("payment").SetIdFormat(ActivityIdFormat.W3C).Start())
            {
                payment.ActivityTraceFlags = ActivityTraceFlags.Recorded;
                seconds.Record(1.5);
                _paid = payment.Context;
            }

            Assert.True(metrics.ForceFlush(ExportTimeoutMs));
            placed.Add(3, new KeyValuePair<string, object?>("country", "DE"));
        }

        var series = await Eventually.BecomesAsync(
            () => dashboard.GetAsync<IReadOnlyList<MetricView>>($"/api/metrics?text={_name}"), found => found.Any(point => point.Value is 5), "the second value of the counter");

        var (spread, counter, paid) = (series[0], series[1], series[2]);
        Assert.Equal(("country=DE", "{order}", "orders"), (counter.Attributes, counter.Unit, counter.Resource));
        Assert.Equal((2ul, 1.0, 0.5, 1.5), (paid.Count!.Value, paid.Average!.Value, paid.Min!.Value, paid.Max!.Value));
        Assert.InRange(paid.P99!.Value, 1, 1.5);
        Assert.InRange(spread.P50!.Value, 40, 60);
        var page = await dashboard.Client.GetStringAsync($"/metrics/instrument?name=shop.orders.to_paid&meter={_name}", TestContext.Current.CancellationToken);
        Assert.Contains($"/traces/{_paid.TraceId}#span-{_paid.SpanId}", page, StringComparison.Ordinal);
    }

    private TracerProvider Tracing(RunningDashboard dashboard, OtlpExportProtocol protocol, string service) =>
        Sdk.CreateTracerProviderBuilder().SetResourceBuilder(Resource(service)).AddSource(_name)
            .AddOtlpExporter(exporter => Configure(exporter, dashboard, protocol, "traces")).Build();

    private static ResourceBuilder Resource(string service) => ResourceBuilder.CreateEmpty().AddService(service, serviceInstanceId: $"{service}-1");

    private static void Configure(OtlpExporterOptions exporter, RunningDashboard dashboard, OtlpExportProtocol protocol, string signal)
    {
        exporter.Protocol = protocol;
        exporter.Endpoint = protocol == OtlpExportProtocol.Grpc ? dashboard.OtlpGrpc : new Uri(dashboard.OtlpHttp, $"v1/{signal}");
        exporter.Headers = "x-otlp-api-key=secret";
        exporter.TimeoutMilliseconds = ExportTimeoutMs;
    }
}
