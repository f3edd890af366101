using System.Text.RegularExpressions;
using Google.Protobuf;
using Shop.Dashboard.Otlp.Wire;
using Xunit;

namespace Shop.Tests.Dashboard;

/// <summary>What the waterfall of an order marks.</summary>
public sealed partial class WaterfallTests : IAsyncLifetime
{
    private const double WholeMs = 123.5;

    private readonly OrderTelemetry _order = new();
    private RunningDashboard _dashboard = null!;

    public async ValueTask InitializeAsync()
    {
        _dashboard = await RunningDashboard.StartAsync();
        foreach (var export in _order.Exports)
            (await _dashboard.PostAsync("v1/traces", export)).Dispose();
        await _dashboard.TraceAsync(_order.TraceId, _order.SpanCount);
    }

    public ValueTask DisposeAsync() => _dashboard.DisposeAsync();

    [Fact]
    public async Task The_critical_path_is_underlined_in_the_spans_that_it_leads_through()
    {
        var page = await PageAsync();

        // The charge was waited for all its time; the mail's job ended last; the leaderboard was written beside them.
        Assert.Contains(Rect("own", 26, 31.7), Row(page, "POST provider/charges"), StringComparison.Ordinal);
        Assert.Contains(Rect("own", 101, 22.5), Row(page, "job receipt-mail"), StringComparison.Ordinal);
        Assert.Contains("On the critical path", Row(page, "POST provider/charges"), StringComparison.Ordinal);
        Assert.DoesNotContain("class=\"own\"", Row(page, "leaderboard submit"), StringComparison.Ordinal);
        Assert.DoesNotContain("critical", Row(page, "leaderboard submit"), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task The_time_in_which_nothing_was_at_work_is_shaded_across_all_rows()
    {
        var page = await PageAsync();

        var rows = Rows(page);
        Assert.Equal(_order.SpanCount, rows.Count);
        Assert.All(rows, static row =>
        {
            // Between the events and their consumers; two more are too short to be seen.
            Assert.Equal(3, Html.Count(row, "class=\"gap\""));
            foreach (var (from, length) in new[] { (21.4, 1.6), (72.2, 0.8), (88.4, 0.8) })
                Assert.Contains(Rect("gap", from, length), row, StringComparison.Ordinal);
        });
        Assert.Contains("nothing at work", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_is_marked_where_it_happened_and_described_inside_its_span()
    {
        var page = await PageAsync();
        var mail = Row(page, "job receipt-mail");

        Assert.Equal(1, Html.Count(page, "class=\"event\""));
        Assert.Contains("<circle class=\"event\" cx=\"100%\"", mail, StringComparison.Ordinal);
        Html.AssertOrder(mail, "<h3>Events</h3>", "class=\"exception\"", "System.TimeoutException", "after 22.5 ms", "exception.stacktrace", "at Shop.Notifications.Receipts.SendAsync()");
        Assert.Equal(1, Html.Count(page, "<h3>Events</h3>"));
    }

    [Fact]
    public async Task Every_resource_has_a_colour_of_its_own_in_all_its_rows()
    {
        var colours = Rows(await PageAsync()).Select(static row => (
            Resource: SourceOf().Match(row).Value,
            Name: NameColour().Match(row).Value,
            Bar: BarColour().Match(row).Value)).ToList();

        Assert.All(colours, static row => Assert.Equal(row.Name, row.Bar));
        var byResource = colours.GroupBy(static row => row.Resource, StringComparer.Ordinal).ToDictionary(static group => group.Key, static group => group.Select(static row => row.Bar).Distinct().ToList(), StringComparer.Ordinal);
        Assert.Equal(["gaming", "notifications", "orders", "payments", "web"], byResource.Keys.Order(StringComparer.Ordinal));
        Assert.All(byResource.Values, static classes => Assert.Single(classes));
        Assert.Equal(byResource.Count, byResource.Values.Select(static classes => classes[0]).Distinct().Count());
    }

    [Fact]
    public async Task A_span_that_handles_a_batch_links_to_the_spans_that_it_handles_in_this_trace_and_in_others()
    {
        var (batch, other) = (new OrderTelemetry(), ByteString.CopyFrom(Guid.CreateVersion7().ToByteArray()));
        var exports = batch.Exports.ToList();
        var consumer = exports.Select(static export => export.ResourceSpans[0]).Single(static export => export.ScopeSpans[0].Spans.Any(static span => span.Name == "lock acquire")).ScopeSpans[0].Spans[0];
        consumer.Links.Add(new Span.Types.Link { TraceId = other, SpanId = ByteString.CopyFrom(1, 2, 3, 4, 5, 6, 7, 8) });
        consumer.Links.Add(new Span.Types.Link { TraceId = consumer.TraceId, SpanId = consumer.ParentSpanId });
        foreach (var export in exports)
            (await _dashboard.PostAsync("v1/traces", export)).Dispose();
        await _dashboard.TraceAsync(batch.TraceId, batch.SpanCount);

        var row = Rows(await PageAsync(batch.TraceId)).Single(row => row.Contains($"id=\"span-{Convert.ToHexStringLower(consumer.SpanId.Span)}\"", StringComparison.Ordinal));

        var otherId = Convert.ToHexStringLower(other.Span);
        Html.AssertOrder(row, ">2 links<", "<h3>Links</h3>", $"href=\"/traces/{otherId}#span-0102030405060708\"", $"of trace {otherId}",
            $"href=\"/traces/{batch.TraceId}#span-{Convert.ToHexStringLower(consumer.ParentSpanId.Span)}\"", "of this trace");
    }

    private Task<string> PageAsync(string? traceId = null) => _dashboard.Client.GetStringAsync($"/traces/{traceId ?? _order.TraceId}", TestContext.Current.CancellationToken);

    private static List<string> Rows(string page) => [.. Html.Part(page, "<ol class=\"waterfall\"", "</ol>").Split("<li id=\"span-").Skip(1).Select(static row => "id=\"span-" + row)];

    private static string Row(string page, string name) => Rows(page).Single(row => row.Contains($"title=\"{name}\"", StringComparison.Ordinal));

    /// <summary>As the waterfall draws a time of the trace.</summary>
    private static string Rect(string style, double fromMs, double lengthMs) =>
        FormattableString.Invariant($"<rect class=\"{style}\" x=\"{fromMs / WholeMs * 100:0.###}%\" width=\"{lengthMs / WholeMs * 100:0.###}%\"");

    [GeneratedRegex("(?<=<span class=\"of\">)[a-z]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SourceOf();

    [GeneratedRegex("(?<=class=\"what )c[0-9]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NameColour();

    [GeneratedRegex("(?<=class=\"lane )c[0-9]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex BarColour();
}
