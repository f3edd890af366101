using System.Net;
using Shop.Dashboard.Api;
using Shop.Testing;
using Xunit;

namespace Shop.Tests.Dashboard;

public sealed class PagesTests : IAsyncLifetime
{
    private readonly OrderTelemetry _order = new();
    private RunningDashboard _dashboard = null!;

    public async ValueTask InitializeAsync()
    {
        _dashboard = await RunningDashboard.StartAsync();
        foreach (var export in _order.Exports)
            (await _dashboard.PostAsync("v1/traces", export)).Dispose();
        (await _dashboard.PostAsync("v1/logs", _order.Logs)).Dispose();
        await _dashboard.TraceAsync(_order.TraceId, _order.SpanCount);
        await Eventually.TrueAsync(async () => (await _dashboard.GetAsync<StatusView>("/api/status")).Logs == 3, "three log records");
    }

    public ValueTask DisposeAsync() => _dashboard.DisposeAsync();

    [Fact]
    public async Task The_life_of_an_order_is_one_tree_from_the_request_to_the_push()
    {
        var page = await PageAsync($"/traces/{_order.TraceId}");

        Assert.Equal(_order.SpanCount, Html.Count(page, "<li id=\"span-"));
        Assert.Equal(1, Html.Count(page, "aria-level=\"1\""));
        Assert.DoesNotContain("no parent", page, StringComparison.Ordinal);
        Html.AssertOrder(page, "POST /api/orders", "IOrderGrain/Place", "send orders", "lock acquire", "POST provider/charges", "send payments", "process payments", "live append feed", "live push");
        Html.AssertOrder(page, "Logs of this trace", "Order 0197a3c2 placed for 59.90 EUR", "Charge ch_881 captured", "The receipt could not be sent");
        Assert.Contains("The mail server did not answer.", page, StringComparison.Ordinal);
        Html.AssertOrder(page, "along the critical path", "payments", "waiting");
        Assert.Contains("System.TimeoutException", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_open_page_is_not_told_of_what_it_does_not_show()
    {
        using var response = await _dashboard.Client.GetAsync("/events?watch=resources", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var events = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        Assert.Equal("event: hello", await events.ReadLineAsync(TestContext.Current.CancellationToken));

        (await _dashboard.PostAsync("v1/traces", new OrderTelemetry().Exports.First())).Dispose();
        using var other = await _dashboard.Client.GetAsync("/events?watch=traces,resources", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var heard = new StreamReader(await other.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        (await _dashboard.PostAsync("v1/traces", new OrderTelemetry().Exports.First())).Dispose();
        while (await heard.ReadLineAsync(TestContext.Current.CancellationToken) is { } line && line != "event: change")
        {
        }

        var quiet = events.ReadLineAsync(TestContext.Current.CancellationToken).AsTask();
        Assert.NotEqual("event: change", quiet.IsCompleted ? await quiet : "");
    }

    [Fact]
    public async Task The_list_names_the_trace_its_resources_and_its_error_and_links_to_it()
    {
        foreach (var address in new[] { "/", "/traces", "/traces?errors=true&text=0197a3c2&resource=payments&minMs=100&attributes=db.namespace%3Dpaymentsdb" })
        {
            var page = await PageAsync(address);
            Assert.Contains($"href=\"/traces/{_order.TraceId}\"", page, StringComparison.Ordinal);
            Html.AssertOrder(page, "POST /api/orders", "class=\"error\"", "gaming", "notifications", "orders", "payments");
        }
        Assert.DoesNotContain(_order.TraceId, await PageAsync("/traces?text=nothing-has-this"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_filter_whose_number_fields_were_left_empty_is_no_bad_request()
    {
        var page = await PageAsync("/traces?text=0197a3c2&resource=&minMs=&last=&attributes=&from=&to=");

        Assert.Contains($"/traces/{_order.TraceId}", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logs_are_filtered_and_link_to_their_trace()
    {
        var page = await PageAsync("/logs?level=Error&resource=notifications");

        Assert.Contains("The receipt could not be sent", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Charge ch_881", page, StringComparison.Ordinal);
        Assert.Contains($"href=\"/traces/{_order.TraceId}\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_service_reports_is_shown_as_text_and_cannot_run()
    {
        var export = new OrderTelemetry();
        var request = export.Exports.First();
        request.ResourceSpans[0].ScopeSpans[0].Spans[0].Name = "<script>alert(1)</script>";
        (await _dashboard.PostAsync("v1/traces", request)).Dispose();
        await _dashboard.TraceAsync(export.TraceId, 1);

        using var response = await _dashboard.Client.GetAsync($"/traces/{export.TraceId}", TestContext.Current.CancellationToken);
        var page = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert", page, StringComparison.Ordinal);
        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.DoesNotContain("unsafe-inline", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("style=\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trace_that_is_not_held_is_not_found()
    {
        using var response = await _dashboard.Client.GetAsync("/traces/ffffffffffffffffffffffffffffffff", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("Trace not found", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_web_site_that_points_its_own_name_at_this_machine_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/traces") { Headers = { Host = "evil.example" } };
        using var response = await _dashboard.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task An_open_page_hears_of_new_telemetry()
    {
        using var response = await _dashboard.Client.GetAsync("/events?watch=traces", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var events = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        Assert.Equal("event: hello", await events.ReadLineAsync(TestContext.Current.CancellationToken));

        (await _dashboard.PostAsync("v1/traces", new OrderTelemetry().Exports.First())).Dispose();

        while (await events.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            if (line == "event: change")
                return;
        Assert.Fail("The stream ended without a change.");
    }

    [Theory]
    [InlineData("/metrics", "text/html")]
    [InlineData("/metrics/instruments", "text/html")]
    [InlineData("/metrics/instrument?name=nothing", "text/html")]
    [InlineData("/resources", "text/html")]
    [InlineData("/graph", "text/html")]
    [InlineData("/console", "text/html")]
    [InlineData("/assets/dashboard.css", "text/css")]
    [InlineData("/assets/live.js", "text/javascript")]
    [InlineData("/assets/keys.js", "text/javascript")]
    [InlineData("/assets/theme.js", "text/javascript")]
    [InlineData("/assets/waterfall.js", "text/javascript")]
    [InlineData("/assets/icon.svg", "image/svg+xml")]
    public async Task Everything_a_page_needs_is_served(string address, string type)
    {
        using var response = await _dashboard.Client.GetAsync(address, TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.OK, type), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.NotEmpty(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    private Task<string> PageAsync(string address) => _dashboard.Client.GetStringAsync(address, TestContext.Current.CancellationToken);
}
