using System.Runtime.InteropServices;

namespace Shop.Dashboard.Telemetry;

/// <summary>A part of the time, from the trace's start.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Interval(TimeSpan From, TimeSpan To)
{
    public TimeSpan Length => To - From;
}

/// <summary>
/// What made the trace as long as it is. From its end one walks back: the span that ended last held it up, before that the
/// last one that had ended when that one began, and so on to the beginning; what a span did between its children is its own.
/// Work that goes on after its parent has ended (an event and its consumer) counts like any child, so the path leads through
/// the streams; where nothing on it was at work, the time was spent waiting.
/// </summary>
/// <param name="Own">For each span on the path, by id: when it was itself what everything waited for.</param>
/// <param name="Waiting">The time on the path when none of its spans was at work: an event lay in its stream, or clocks disagree.</param>
/// <param name="Gaps">The time when no span of the whole trace was at work.</param>
public sealed record CriticalPath(IReadOnlyDictionary<string, IReadOnlyList<Interval>> Own, TimeSpan Waiting, IReadOnlyList<Interval> Gaps)
{
    /// <summary>How much of the path each resource took, the greatest share first.</summary>
    public IReadOnlyList<(string Source, TimeSpan Time)> BySource(SpanTree tree) =>
    [
        .. tree.Rows.Where(row => Own.ContainsKey(row.Span.SpanId)).GroupBy(static row => row.Span.Source.Name, StringComparer.Ordinal)
            .Select(group => (group.Key, new TimeSpan(group.Sum(row => Own[row.Span.SpanId].Sum(static own => own.Length.Ticks)))))
            .OrderByDescending(static pair => pair.Item2),
    ];

    public static CriticalPath Of(SpanTree tree)
    {
        if (tree.Rows.Count == 0)
            return new CriticalPath(new Dictionary<string, IReadOnlyList<Interval>>(StringComparer.Ordinal), TimeSpan.Zero, []);
        var nodes = Nodes(tree);
        var walk = new Walk();
        walk.Back(new Node(null, nodes), tree.Duration);
        var own = walk.Own.ToDictionary(static pair => pair.Key, static pair => (IReadOnlyList<Interval>)[.. pair.Value.AsEnumerable().Reverse()], StringComparer.Ordinal);
        var busy = own.Values.SelectMany(static intervals => intervals).Aggregate(TimeSpan.Zero, static (sum, interval) => sum + interval.Length);
        return new CriticalPath(own, tree.Duration - busy, FindGaps(tree));
    }

    /// <summary>The roots, each with what hangs below it.</summary>
    private static List<Node> Nodes(SpanTree tree)
    {
        var roots = new List<Node>();
        var open = new Stack<Node>();
        foreach (var row in tree.Rows)
        {
            while (open.Count > row.Depth)
                open.Pop();
            var node = new Node(row, []);
            (open.Count > 0 ? open.Peek().Children : roots).Add(node);
            open.Push(node);
        }

        // Rows stand parent first, so the other way round every child is done before its parent.
        var all = new List<Node>();
        var left = new Stack<Node>(roots);
        while (left.TryPop(out var node))
        {
            all.Add(node);
            node.Children.ForEach(left.Push);
        }
        for (var i = all.Count - 1; i >= 0; i--)
            all[i].SettleEnd();
        return roots;
    }

    private static List<Interval> FindGaps(SpanTree tree)
    {
        var gaps = new List<Interval>();
        var covered = TimeSpan.Zero;
        foreach (var row in tree.Rows.OrderBy(static row => row.Offset))
        {
            if (row.Offset > covered)
                gaps.Add(new Interval(covered, row.Offset));
            covered = row.Offset + row.Span.Duration > covered ? row.Offset + row.Span.Duration : covered;
        }
        return gaps;
    }

    private sealed class Node(SpanNode? row, List<Node> children)
    {
        public SpanNode? Row => row;

        public List<Node> Children => children;

        public TimeSpan Start => row?.Offset ?? TimeSpan.Zero;

        public TimeSpan OwnEnd => row is null ? TimeSpan.Zero : row.Offset + row.Span.Duration;

        /// <summary>When everything below it, and itself, had ended.</summary>
        public TimeSpan End { get; private set; }

        public void SettleEnd() => End = children.Aggregate(OwnEnd, static (end, child) => child.End > end ? child.End : end);
    }

    /// <summary>Without recursion: a trace may be a chain of thousands.</summary>
    private sealed class Walk
    {
        public Dictionary<string, List<Interval>> Own { get; } = new(StringComparer.Ordinal);

        public void Back(Node root, TimeSpan end)
        {
            var left = new Stack<(Node Node, TimeSpan From, TimeSpan Until)>();
            left.Push((root, TimeSpan.Zero, end));
            while (left.TryPop(out var at))
            {
                var cursor = at.Until;
                foreach (var child in at.Node.Children.OrderByDescending(static child => child.End))
                {
                    // One that goes on beyond the cursor ran beside what is on the path already.
                    var start = child.Start > at.From ? child.Start : at.From;
                    if (child.End > cursor || child.End <= at.From || start >= cursor)
                        continue;
                    Note(at.Node, child.End, cursor);
                    left.Push((child, start, child.End));
                    cursor = start;
                }
                Note(at.Node, at.From, cursor);
            }
        }

        private void Note(Node node, TimeSpan from, TimeSpan to)
        {
            var until = to < node.OwnEnd ? to : node.OwnEnd;
            if (node.Row is null || until <= from)
                return;
            if (!Own.TryGetValue(node.Row.Span.SpanId, out var intervals))
                Own.Add(node.Row.Span.SpanId, intervals = []);
            intervals.Add(new Interval(from, until));
        }
    }
}
