using Shop.Dashboard.Telemetry;
using Xunit;
using static Shop.Tests.Dashboard.Spans;

namespace Shop.Tests.Dashboard;

public sealed class TraceStoreTests
{
    [Fact]
    public void At_the_cap_the_trace_that_came_first_leaves_whole()
    {
        var store = new TraceStore(capacity: 5, capacityPerTrace: 5);
        store.Add([Span("a1", trace: "a"), Span("a2", "a1", trace: "a"), Span("b1", trace: "b"), Span("b2", "b1", trace: "b")]);

        store.Add([Span("c1", trace: "c"), Span("c2", "c1", trace: "c")]);

        Assert.Equal(["c", "b"], store.List(new TraceFilter()).Select(trace => trace.TraceId));
        Assert.Equal((2, 4), store.Counts);
        Assert.Null(store.Find("a"));
    }

    [Fact]
    public void A_trace_that_never_ends_is_cut_off_and_leaves_the_others_alone()
    {
        var store = new TraceStore(capacity: 10, capacityPerTrace: 4);
        store.Add([Span("other", trace: "other")]);

        store.Add([.. Enumerable.Range(0, 100).Select(i => Span($"s{i}", trace: "endless"))]);

        Assert.NotNull(store.Find("other"));
        var endless = store.Find("endless")!;
        Assert.Equal((4, 96), (endless.Spans.Count, endless.Summary.Dropped));
    }

    [Fact]
    public void Half_a_million_spans_leave_only_the_newest_within_the_cap()
    {
        var store = new TraceStore();
        for (var trace = 0; trace < 25_000; trace++)
            store.Add([.. Enumerable.Range(0, 20).Select(i => Span($"s{i}", i == 0 ? null : "s0", trace: $"t{trace}"))]);

        Assert.Equal((2_500, 50_000), store.Counts);
        Assert.Equal("t24999", store.List(new TraceFilter { Limit = 1 })[0].TraceId);
        Assert.Null(store.Find("t22499"));
        Assert.NotNull(store.Find("t22500"));
    }

    [Fact]
    public void A_span_that_is_sent_twice_is_held_once()
    {
        var store = new TraceStore();
        store.Add([Span("a"), Span("a")]);

        Assert.Equal((1, 1), store.Counts);
    }

    [Fact]
    public void A_summary_tells_what_began_the_trace_who_took_part_and_how_long_it_took()
    {
        var store = new TraceStore();
        store.Add([Span("charge", "take", 30, 50, source: "payments"), Span("take", "post", 20, 10, source: "payments", failed: true), Span("post", null, 10, 15, source: "web")]);

        var trace = Assert.Single(store.List(new TraceFilter()));

        Assert.Equal(("post", "web", 3, true), (trace.Name, trace.Source, trace.SpanCount, trace.HasErrors));
        Assert.Equal([new SourceCount("web", 1), new SourceCount("payments", 2)], trace.Sources);
        Assert.Equal((Epoch.AddMilliseconds(10), TimeSpan.FromMilliseconds(70)), (trace.Start, trace.Duration));
    }

    [Theory]
    [InlineData("CHECKOUT", null, false, "t1")]
    [InlineData("order-77", null, false, "t2")]
    [InlineData("t3", null, false, "t3")]
    [InlineData(null, "payments", false, "t2")]
    [InlineData(null, null, true, "t3")]
    public void Traces_are_found_by_name_attribute_id_resource_and_error(string? text, string? resource, bool errors, string expected)
    {
        var store = new TraceStore();
        store.Add(
        [
            Span("a", trace: "t1", name: "checkout"),
            Span("b", trace: "t2", source: "payments", attributes: ("order.id", "order-77")),
            Span("c", trace: "t3", failed: true),
        ]);

        Assert.Equal([expected], store.List(new TraceFilter { Text = text, Resource = resource, ErrorsOnly = errors }).Select(trace => trace.TraceId));
    }

    [Fact]
    public void Spans_that_are_large_leave_by_their_weight()
    {
        var store = new TraceStore(maxBytes: 1_000_000);
        for (var trace = 0; trace < 1_000; trace++)
            store.Add([Span("s", trace: $"t{trace}", attributes: ("text", new string('x', 10_000)))]);

        Assert.InRange(store.Counts.Spans, 1, 50);
        Assert.Equal("t999", store.List(new TraceFilter { Limit = 1 })[0].TraceId);
    }

    [Fact]
    public void Traces_are_found_by_duration_and_time()
    {
        var store = new TraceStore();
        store.Add([Span("a", null, 0, 5, trace: "short"), Span("b", null, 1_000, 500, trace: "long"), Span("c", null, 2_000, 5, trace: "late")]);

        Assert.Equal(["long"], Find(new TraceFilter { MinDuration = TimeSpan.FromMilliseconds(100) }));
        Assert.Equal(["late", "long"], Find(new TraceFilter { From = Epoch.AddSeconds(1) }));
        Assert.Equal(["short"], Find(new TraceFilter { To = Epoch.AddSeconds(1) }));

        IEnumerable<string> Find(TraceFilter filter) => store.List(filter).Select(trace => trace.TraceId);
    }

    [Theory]
    [InlineData("http.status=500", "failed")]
    [InlineData("http.status!=500 http.status", "fine")]
    [InlineData("""db~"FROM orders" http.status=500""", "failed")]
    [InlineData("db!~orders", "fine")]
    [InlineData("db", "fine,failed")]
    [InlineData("nothing=1", "")]
    public void Traces_are_found_by_conditions_on_attributes_that_different_spans_may_meet(string conditions, string expected)
    {
        var store = new TraceStore();
        store.Add(
        [
            Span("a", trace: "failed", attributes: ("http.status", "500")), Span("b", "a", trace: "failed", attributes: ("db", "SELECT * FROM orders")),
            Span("c", trace: "fine", attributes: ("http.status", "200")), Span("d", "c", trace: "fine", attributes: ("db", "SELECT 1")),
        ]);

        var found = store.List(new TraceFilter { Attributes = AttributeCondition.ReadAll(conditions) }).Select(trace => trace.TraceId);

        Assert.Equal(expected.Split(',', StringSplitOptions.RemoveEmptyEntries), found);
    }

    [Fact]
    public void A_trace_of_nothing_but_a_health_check_is_hidden_until_asked_for()
    {
        var store = new TraceStore();
        store.Add(
        [
            Span("probe", trace: "health", attributes: ("url.path", "/health")), Span("ping", "probe", trace: "health", name: "PING"),
            Span("get", trace: "alive", attributes: ("url.full", "http://localhost:5000/alive")),
            Span("page", trace: "page", attributes: ("url.path", "/health-insurance")),
            Span("mixed", trace: "mixed", attributes: ("url.path", "/health")), Span("other", trace: "mixed"),
        ]);

        Assert.Equal(["mixed", "page"], store.List(new TraceFilter()).Select(trace => trace.TraceId));
        Assert.Equal(["mixed", "page", "alive", "health"], store.List(new TraceFilter { IncludeHealthChecks = true }).Select(trace => trace.TraceId));
    }
}
