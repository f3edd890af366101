using CsCheck;
using Shop.Dashboard.Telemetry;
using Xunit;
using static Shop.Tests.Dashboard.Spans;

namespace Shop.Tests.Dashboard;

public sealed class SpanTreeTests
{
    [Fact]
    public void Spans_that_arrive_in_any_order_are_shown_parent_first_and_in_order_of_time()
    {
        var tree = SpanTree.Build([Span("late", "root", 40), Span("deep", "early", 15), Span("root", null, 0, 100), Span("early", "root", 10)]);

        Assert.Equal([("root", 0), ("early", 1), ("deep", 2), ("late", 1)], tree.Rows.Select(row => (row.Span.SpanId, row.Depth)));
        Assert.Equal(TimeSpan.FromMilliseconds(100), tree.Duration);
    }

    [Fact]
    public void A_span_whose_parent_is_missing_is_a_root_of_its_own_and_says_so()
    {
        var tree = SpanTree.Build([Span("root"), Span("orphan", "never-came", 5), Span("child", "orphan", 6)]);

        Assert.Equal([("root", 0, false), ("orphan", 0, true), ("child", 1, false)], tree.Rows.Select(row => (row.Span.SpanId, row.Depth, row.IsParentMissing)));
    }

    [Fact]
    public void A_missing_parent_that_comes_later_takes_its_children_under_it()
    {
        SpanRecord[] early = [Span("root"), Span("child", "middle", 5)];
        Assert.Contains(SpanTree.Build(early).Rows, row => row.IsParentMissing);

        var tree = SpanTree.Build([.. early, Span("middle", "root", 3)]);

        Assert.Equal([("root", 0), ("middle", 1), ("child", 2)], tree.Rows.Select(row => (row.Span.SpanId, row.Depth)));
        Assert.DoesNotContain(tree.Rows, row => row.IsParentMissing);
    }

    [Fact]
    public void A_child_whose_process_has_a_slow_clock_is_drawn_from_its_parents_start_and_takes_its_descendants_along()
    {
        var tree = SpanTree.Build(
        [
            Span("call", null, 100, 50, source: "web"),
            Span("serve", "call", 70, 30, source: "orders"),
            Span("query", "serve", 80, 10, source: "orders"),
            Span("consume", "query", 130, 5, source: "payments"),
        ]);

        Assert.Equal(
            [("call", 0.0, 0.0), ("serve", 0.0, 30.0), ("query", 10.0, 30.0), ("consume", 30.0, 0.0)],
            tree.Rows.Select(row => (row.Span.SpanId, row.Offset.TotalMilliseconds, row.ClockCorrection.TotalMilliseconds)));
        Assert.Equal(Epoch.AddMilliseconds(100), tree.Start);
        Assert.Equal(TimeSpan.FromMilliseconds(50), tree.Duration);
    }

    [Fact]
    public void Spans_of_one_process_are_left_where_its_clock_puts_them()
    {
        var tree = SpanTree.Build([Span("root", null, 10), Span("waited", "root", 0, 20)]);

        Assert.Equal([("root", 10.0), ("waited", 0.0)], tree.Rows.Select(row => (row.Span.SpanId, row.Offset.TotalMilliseconds)));
    }

    [Fact]
    public void Replicas_of_one_service_have_clocks_of_their_own()
    {
        var tree = SpanTree.Build([Span("root", null, 10, instance: "1"), Span("child", "root", 4, instance: "2")]);

        Assert.Equal(TimeSpan.FromMilliseconds(6), tree.Rows[1].ClockCorrection);
    }

    [Fact]
    public void A_circle_of_parents_is_cut_at_its_earliest_span_and_shown_whole()
    {
        var tree = SpanTree.Build([Span("a", "c", 1), Span("b", "a", 2), Span("c", "b", 3), Span("own-parent", "own-parent", 4)]);

        Assert.Equal([("a", 0), ("b", 1), ("c", 2), ("own-parent", 0)], tree.Rows.Select(row => (row.Span.SpanId, row.Depth)));
    }

    [Fact]
    public void A_chain_of_ten_thousand_spans_is_built()
    {
        var chain = Enumerable.Range(0, 10_000).Select(i => Span($"s{i}", i == 0 ? null : $"s{i - 1}", i)).Reverse().ToArray();

        var tree = SpanTree.Build(chain);

        Assert.Equal(9_999, tree.Rows[^1].Depth);
        Assert.Equal("s9999", tree.Rows[^1].Span.SpanId);
    }

    [Fact]
    public void No_spans_make_an_empty_tree() => Assert.Empty(SpanTree.Build([]).Rows);

    [Fact]
    public void Whatever_arrives_every_span_is_shown_once_below_its_parent_and_inside_the_whole()
    {
        var span = Gen.Select(Gen.Int[0, 15], Gen.Int[-1, 18], Gen.Int[0, 100], Gen.Int[0, 50], Gen.Int[0, 2])
            .Select((id, parent, start, took, source) => Span($"s{id}", parent < 0 ? null : $"s{parent}", start, took, source: $"r{source}"));
        span.Array[0, 20].Sample(spans =>
        {
            var tree = SpanTree.Build(spans);
            var rows = tree.Rows;
            Assert.Equal(spans.Select(s => s.SpanId).Distinct().Order(), rows.Select(row => row.Span.SpanId).Order());
            for (var i = 0; i < rows.Count; i++)
            {
                Assert.InRange(rows[i].Offset, TimeSpan.Zero, tree.Duration - rows[i].Span.Duration);
                if (rows[i].Depth == 0)
                    continue;
                var parent = rows.Take(i).Last(row => row.Depth == rows[i].Depth - 1);
                Assert.Equal(parent.Span.SpanId, rows[i].Span.ParentSpanId);
                if (parent.Span.Source != rows[i].Span.Source)
                    Assert.True(rows[i].Offset >= parent.Offset);
            }
        });
    }
}
