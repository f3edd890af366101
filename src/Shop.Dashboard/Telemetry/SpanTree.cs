namespace Shop.Dashboard.Telemetry;

/// <summary>A row of the waterfall.</summary>
/// <param name="Span">As reported.</param>
/// <param name="Depth">0 for a root.</param>
/// <param name="Offset">From the start of the trace, with the clock put right.</param>
/// <param name="ClockCorrection">How much later than reported the span is drawn; zero where clocks agree.</param>
/// <param name="IsParentMissing">It names a parent that has not arrived (yet).</param>
public sealed record SpanNode(SpanRecord Span, int Depth, TimeSpan Offset, TimeSpan ClockCorrection, bool IsParentMissing);

/// <summary>
/// Turns the bag of spans of one trace into the rows of a waterfall, each parent followed by what it caused, in order of
/// time. Whatever arrived is shown once: a span whose parent is missing is a root of its own, marked as such, and finds its
/// place when the parent comes; a circle of parents (two broken services) is cut at its earliest span. A child cannot begin
/// before its parent. Where another process's clock says so, the child is drawn from its parent's start and its own
/// descendants in that process move with it; the correction is kept, to be shown, since it is a guess. A span of the same
/// process is left where it is: one clock does not disagree with itself. Built without recursion, as a trace may be a chain
/// of thousands.
/// </summary>
public sealed record SpanTree(DateTimeOffset Start, TimeSpan Duration, IReadOnlyList<SpanNode> Rows)
{
    public static SpanTree Build(IReadOnlyCollection<SpanRecord> spans)
    {
        if (spans.Count == 0)
            return new SpanTree(DateTimeOffset.UnixEpoch, TimeSpan.Zero, []);
        var placed = Place(spans);
        var start = placed.Min(static row => row.Start);
        var end = placed.Max(static row => row.Start + row.Span.Duration);
        return new SpanTree(start, end - start,
            [.. placed.Select(row => new SpanNode(row.Span, row.Depth, row.Start - start, row.Correction, row.IsParentMissing))]);
    }

    private static List<Placed> Place(IReadOnlyCollection<SpanRecord> spans)
    {
        var byTime = spans.DistinctBy(static span => span.SpanId).OrderBy(static span => span.Start).ToArray();
        var ids = byTime.Select(static span => span.SpanId).ToHashSet(StringComparer.Ordinal);
        var children = byTime.Where(HasParentHere).ToLookup(static span => span.ParentSpanId!, StringComparer.Ordinal);
        var seen = new HashSet<string>(byTime.Length, StringComparer.Ordinal);
        var rows = new List<Placed>(byTime.Length);

        foreach (var root in byTime.Where(span => !HasParentHere(span)))
            PlaceFrom(root);
        // Only members of a circle, and what hangs below them, are left.
        foreach (var span in byTime)
            PlaceFrom(span);
        return rows;

        bool HasParentHere(SpanRecord span) => span.ParentSpanId is { } parent && ids.Contains(parent);

        void PlaceFrom(SpanRecord root)
        {
            var open = new Stack<Placed>();
            open.Push(new Placed(root, 0, TimeSpan.Zero, root.ParentSpanId is not null));
            while (open.TryPop(out var row))
            {
                if (!seen.Add(row.Span.SpanId))
                    continue;
                rows.Add(row);
                // The latest is pushed first, so that the earliest comes off first.
                foreach (var child in children[row.Span.SpanId].Select(child => Below(row, child)).OrderByDescending(static child => child.Start))
                    open.Push(child);
            }
        }
    }

    private static Placed Below(Placed parent, SpanRecord child)
    {
        if (child.Source == parent.Span.Source)
            return new Placed(child, parent.Depth + 1, parent.Correction, false);
        var early = parent.Start - child.Start;
        return new Placed(child, parent.Depth + 1, early > TimeSpan.Zero ? early : TimeSpan.Zero, false);
    }

    private sealed record Placed(SpanRecord Span, int Depth, TimeSpan Correction, bool IsParentMissing)
    {
        public DateTimeOffset Start => Span.Start + Correction;
    }
}
