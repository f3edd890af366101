using Shop.Dashboard.Api;
using Shop.Dashboard.Protocol;
using Shop.Testing;
using Xunit;

namespace Shop.Tests.Dashboard;

/// <summary>From a line to the trace in which it was written and back, and addresses that go on showing the same.</summary>
public sealed class LogJourneyTests : IAsyncLifetime
{
    private readonly OrderTelemetry _order = new();
    private TestEngine _engine = null!;
    private RunningDashboard _dashboard = null!;

    public async ValueTask InitializeAsync()
    {
        _engine = await TestEngine.StartAsync();
        _dashboard = await _engine.DashboardAsync();
        foreach (var export in _order.Exports)
            (await _dashboard.PostAsync("v1/traces", export)).Dispose();
        (await _dashboard.PostAsync("v1/logs", _order.Logs)).Dispose();
        (await _dashboard.PostAsync("v1/logs", new OrderTelemetry().Logs)).Dispose(); // of another trace
        await _dashboard.TraceAsync(_order.TraceId, _order.SpanCount);
        await Eventually.TrueAsync(async () => (await _dashboard.GetAsync<StatusView>("/api/status")).Logs == 6, "the records of both traces");
    }

    public async ValueTask DisposeAsync()
    {
        await _dashboard.DisposeAsync();
        await _engine.DisposeAsync();
    }

    [Fact]
    public async Task A_span_leads_to_its_logs_and_they_lead_back_to_it()
    {
        var trace = await PageAsync($"/traces/{_order.TraceId}");
        var span = Html.Part(trace, $"<li id=\"span-{_order.PlacingSpan}\"", "<li id=\"span-");
        var logs = $"/logs?traceId={_order.TraceId}&amp;spanId={_order.PlacingSpan}";
        Assert.Contains($"href=\"{logs}\"", span, StringComparison.Ordinal);

        var page = await PageAsync(logs.Replace("&amp;", "&", StringComparison.Ordinal));
        Assert.Equal(1, Html.Count(page, "<details id=\"log-"));
        Assert.Contains("Order 0197a3c2 placed for 59.90 EUR", page, StringComparison.Ordinal);
        Assert.Contains($"href=\"/traces/{_order.TraceId}#span-{_order.PlacingSpan}\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trace_leads_to_its_logs_and_to_its_console_lines()
    {
        var trace = await PageAsync($"/traces/{_order.TraceId}");

        Html.AssertOrder(trace, "id=\"logs\"", $"href=\"/logs?traceId={_order.TraceId}\"", $"href=\"/console?traceId={_order.TraceId}\"");
        Assert.Equal(3, Html.Count(await PageAsync($"/logs?traceId={_order.TraceId}"), "<details id=\"log-"));
        Assert.Contains($"href=\"/console?traceId={_order.TraceId}\"", await PageAsync($"/logs?traceId={_order.TraceId}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Console_lines_are_found_by_their_trace_through_the_records_that_they_were_printed_from()
    {
        var now = _order.Start;
        _engine.Print(
            new ConsoleLine(1, "orders-1", now, "info: Shop.orders[7] Order 0197a3c2 placed for 59.90 EUR"),
            new ConsoleLine(2, "orders-2", now, "info: Shop.orders[7] Order 0197a3c2 placed for 59.90 EUR"),
            new ConsoleLine(3, "orders-1", now.AddMinutes(2), "info: Shop.orders[7] Order 0197a3c2 placed for 59.90 EUR"),
            new ConsoleLine(4, "orders-1", now, "info: Shop.orders[7] Order 0197ffff placed for 10.00 EUR"),
            new ConsoleLine(5, "notifications-1", now, "fail: Shop.notifications[3] The receipt could not be sent; it is tried again in 2 s System.TimeoutException: The mail server did not answer."),
            new ConsoleLine(6, "gateway", now, $"handled a request of {_order.TraceId}"),
            new ConsoleLine(7, "redis", now, "Ready to accept connections"));
        await TestEngine.PageAsync(_dashboard, "/console", "id=\"line-7\"");

        Assert.Equal([1, 5, 6], await NumbersAsync($"traceId={_order.TraceId}"));
        Assert.Equal([5], await NumbersAsync($"traceId={_order.TraceId}&process=notifications-1"));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], await NumbersAsync("traceId="));
        var page = await PageAsync($"/console?traceId={_order.TraceId}");
        Assert.Equal(3, Html.Count(page, "<li id=\"line-"));
        Html.AssertOrder(page, $"name=\"traceId\" value=\"{_order.TraceId}\"", "id=\"line-1\"", "id=\"line-5\"", "id=\"line-6\"");
    }

    [Fact]
    public async Task A_line_and_a_record_have_addresses_of_their_own_that_later_ones_do_not_push_them_out_of()
    {
        var now = TimeProvider.System.GetUtcNow();
        _engine.Print([.. Enumerable.Range(1, 1_500).Select(i => new ConsoleLine(i, "orders-1", now, $"line {i}"))]);
        Assert.Contains("href=\"/console?until=1500#line-1500\"", await TestEngine.PageAsync(_dashboard, "/console", "id=\"line-1500\""), StringComparison.Ordinal);
        Assert.Contains("href=\"/console?process=orders&amp;until=1500#line-1500\"", await PageAsync("/console?process=orders"), StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"line-300\"", await PageAsync("/console"), StringComparison.Ordinal);
        var lines = await PageAsync("/console?until=300");
        Assert.Contains("id=\"line-300\"", lines, StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"line-301\"", lines, StringComparison.Ordinal);

        Assert.Contains("href=\"/logs?until=2#log-2\"", await PageAsync("/logs"), StringComparison.Ordinal);
        var records = await PageAsync("/logs?until=2");
        Assert.Contains("<details id=\"log-2\"", records, StringComparison.Ordinal);
        Assert.Equal(2, Html.Count(records, "<details id=\"log-"));
    }

    private async Task<IEnumerable<long>> NumbersAsync(string query) => (await _dashboard.GetAsync<IReadOnlyList<ConsoleLine>>($"/api/console?{query}")).Select(static line => line.Number);

    private Task<string> PageAsync(string address) => _dashboard.Client.GetStringAsync(address, TestContext.Current.CancellationToken);
}
