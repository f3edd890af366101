using System.Globalization;
using Google.Protobuf;
using Shop.Dashboard.Otlp.Wire;
using Xunit;

namespace Shop.Tests.Dashboard;

/// <summary>Each filter of the trace list, with an order of now and a fast visit of two hours ago: what it lets in, and what it keeps out.</summary>
public sealed class TraceFilterTests : IAsyncLifetime
{
    private readonly OrderTelemetry _order = new();
    private readonly ByteString _visit = ByteString.CopyFrom(Guid.CreateVersion7().ToByteArray());
    private RunningDashboard _dashboard = null!;

    public async ValueTask InitializeAsync()
    {
        _dashboard = await RunningDashboard.StartAsync();
        foreach (var export in _order.Exports)
            (await _dashboard.PostAsync("v1/traces", export)).Dispose();
        (await _dashboard.PostAsync("v1/traces", Visit())).Dispose();
        await _dashboard.TraceAsync(_order.TraceId, _order.SpanCount);
        await _dashboard.TraceAsync(VisitId, 1);
    }

    public ValueTask DisposeAsync() => _dashboard.DisposeAsync();

    [Theory]
    [InlineData("", true, true)]
    [InlineData("resource=payments", true, false)]
    [InlineData("resource=catalogue", false, true)]
    [InlineData("resource=pay", false, false)]
    [InlineData("text=0197A3C2", true, false)]
    [InlineData("text=espresso", false, true)]
    [InlineData("minMs=3", true, true)]
    [InlineData("minMs=100", true, false)]
    [InlineData("minMs=1000", false, false)]
    [InlineData("errors=true", true, false)]
    [InlineData("attributes=db.namespace%3Dpaymentsdb", true, false)]
    [InlineData("attributes=shop.sku%3Despresso", false, true)]
    [InlineData("attributes=shop.sku!%3Despresso", false, false)]
    [InlineData("attributes=shop.sku~press", false, true)]
    [InlineData("attributes=shop.job", true, false)]
    [InlineData("attributes=shop.job shop.sku", false, false)]
    [InlineData("last=60", true, false)]
    [InlineData("last=180", true, true)]
    [InlineData("errors=true&resource=catalogue", false, false)]
    public async Task A_filter_keeps_out_what_it_does_not_ask_for(string query, bool order, bool visit) =>
        Assert.Equal((order, visit), await ListedAsync(query));

    [Theory]
    [InlineData(-3, null, true, true)]
    [InlineData(-1, null, true, false)]
    [InlineData(1, null, false, false)]
    [InlineData(null, 1, true, true)]
    [InlineData(null, -1, false, true)]
    [InlineData(null, -3, false, false)]
    [InlineData(-3, -1, false, true)]
    public async Task Times_are_read_as_the_browsers_field_writes_them(int? fromHours, int? toHours, bool order, bool visit) =>
        Assert.Equal((order, visit), await ListedAsync($"from={Field(fromHours)}&to={Field(toHours)}"));

    private async Task<(bool Order, bool Visit)> ListedAsync(string query)
    {
        var page = await _dashboard.Client.GetStringAsync($"/traces?{query}", TestContext.Current.CancellationToken);
        return (page.Contains($"id=\"row-{_order.TraceId}\"", StringComparison.Ordinal), page.Contains($"id=\"row-{VisitId}\"", StringComparison.Ordinal));
    }

    private string VisitId => Convert.ToHexStringLower(_visit.Span);

    private static string? Field(int? hours) => hours is null ? null : TimeProvider.System.GetLocalNow().AddHours(hours.Value).ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);

    private ExportTraceServiceRequest Visit()
    {
        var start = (ulong)(TimeProvider.System.GetUtcNow().AddHours(-2) - DateTimeOffset.UnixEpoch).Ticks * 100;
        return new ExportTraceServiceRequest
        {
            ResourceSpans =
            {
                new ResourceSpans
                {
                    Resource = new Resource { Attributes = { Attribute("service.name", "catalogue") } },
                    ScopeSpans =
                    {
                        new ScopeSpans
                        {
                            Spans =
                            {
                                new Span
                                {
                                    TraceId = _visit, SpanId = ByteString.CopyFrom(8, 7, 6, 5, 4, 3, 2, 1), Name = "GET /api/products", Kind = 2,
                                    StartTimeUnixNano = start, EndTimeUnixNano = start + 5_000_000, Attributes = { Attribute("shop.sku", "espresso") },
                                },
                            },
                        },
                    },
                },
            },
        };
    }

    private static KeyValue Attribute(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };
}
