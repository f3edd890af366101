using CsCheck;
using Shop.Dashboard.Telemetry;
using Xunit;
using static Shop.Tests.Dashboard.Spans;

namespace Shop.Tests.Dashboard;

public sealed class CriticalPathTests
{
    [Fact]
    public void The_path_leads_through_the_child_that_ended_last_and_what_is_between_children_is_the_parents()
    {
        var path = Of(Span("root", null, 0, 100), Span("first", "root", 10, 30), Span("second", "root", 50, 40));

        Assert.Equal([(0, 10), (40, 50), (90, 100)], Own(path, "root"));
        Assert.Equal([(10, 40)], Own(path, "first"));
        Assert.Equal([(50, 90)], Own(path, "second"));
        Assert.Equal(TimeSpan.Zero, path.Waiting);
    }

    [Fact]
    public void What_ran_beside_it_is_not_on_the_path()
    {
        var path = Of(Span("root", null, 0, 100), Span("slow", "root", 0, 100), Span("beside", "root", 10, 50));

        Assert.False(path.Own.ContainsKey("beside"));
        Assert.Equal([(0, 100)], Own(path, "slow"));
    }

    [Fact]
    public void A_consumer_that_works_after_its_sender_has_ended_is_on_the_path_and_the_time_between_is_waiting()
    {
        var path = Of(Span("post", null, 0, 20, source: "web"), Span("send", "post", 10, 5, source: "web"), Span("process", "send", 40, 60, source: "payments"));

        Assert.Equal([(40, 100)], Own(path, "process"));
        Assert.Equal([(10, 15)], Own(path, "send"));
        Assert.Equal([(0, 10)], Own(path, "post"));
        Assert.Equal(25, path.Waiting.TotalMilliseconds);
        Assert.Equal([new Interval(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(40))], path.Gaps);
    }

    [Fact]
    public void Each_resource_has_its_share()
    {
        var tree = SpanTree.Build([Span("post", null, 0, 30, source: "web"), Span("serve", "post", 5, 20, source: "orders")]);

        Assert.Equal([("orders", 20.0), ("web", 10.0)], CriticalPath.Of(tree).BySource(tree).Select(part => (part.Source, part.Time.TotalMilliseconds)));
    }

    [Fact]
    public void A_chain_of_ten_thousand_spans_has_a_path() =>
        Assert.Equal(10_000, Of([.. Enumerable.Range(0, 10_000).Select(i => Span($"s{i}", i == 0 ? null : $"s{i - 1}", i, 10_001 - i))]).Own.Count);

    [Fact]
    public void Whatever_arrives_the_parts_of_the_path_do_not_overlap_and_with_the_waiting_make_up_the_whole()
    {
        var span = Gen.Select(Gen.Int[0, 15], Gen.Int[-1, 18], Gen.Int[0, 100], Gen.Int[0, 50])
            .Select((id, parent, start, took) => Span($"s{id}", parent < 0 ? null : $"s{parent}", start, took, source: $"r{id % 3}"));
        span.Array[0, 20].Sample(spans =>
        {
            var tree = SpanTree.Build(spans);
            var path = CriticalPath.Of(tree);
            var parts = path.Own.Values.SelectMany(own => own).OrderBy(part => part.From).ToList();
            Assert.All(parts.Zip(parts.Skip(1)), pair => Assert.True(pair.First.To <= pair.Second.From));
            Assert.Equal(tree.Duration, path.Waiting + parts.Aggregate(TimeSpan.Zero, (sum, part) => sum + part.Length));
            Assert.All(parts, part => Assert.True(part.From >= TimeSpan.Zero && part.To <= tree.Duration));
        });
    }

    private static CriticalPath Of(params SpanRecord[] spans) => CriticalPath.Of(SpanTree.Build(spans));

    private static IEnumerable<(int From, int To)> Own(CriticalPath path, string span) =>
        path.Own[span].Select(part => ((int)part.From.TotalMilliseconds, (int)part.To.TotalMilliseconds));
}
