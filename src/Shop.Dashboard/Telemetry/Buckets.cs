namespace Shop.Dashboard.Telemetry;

/// <summary>
/// How many values of a histogram lie between which bounds: <c>Counts[i]</c> are those above <c>Bounds[i-1]</c> and at most
/// <c>Bounds[i]</c>; the last count has no upper bound. Exponential histograms, whose bounds move as values come in, are put
/// into one fixed layout when they arrive (<see cref="FromExponential"/>), so that two moments can always be subtracted.
/// </summary>
public sealed record Buckets(double[] Bounds, ulong[] Counts)
{
    /// <summary>Four buckets per doubling, from about a millionth to about a trillion: a percentile is off by a tenth at most.</summary>
    private static readonly double[] Layout = [.. Enumerable.Range(-80, 241).Select(static i => Math.Pow(2, i / 4.0))];

    public static Buckets FromExponential(int scale, int offset, IReadOnlyList<ulong> counts, ulong zeroOrLess)
    {
        var spread = new ulong[Layout.Length + 1];
        spread[0] = zeroOrLess;
        var width = Math.Pow(2, -scale);
        for (var i = 0; i < counts.Count; i++)
        {
            if (counts[i] == 0)
                continue;
            var middle = Math.Pow(2, (offset + i + 0.5) * width);
            var at = Array.BinarySearch(Layout, middle);
            spread[at < 0 ? ~at : at] += counts[i];
        }

        return new Buckets(Layout, spread);
    }

    /// <summary>Both together; where the layouts differ (a service was changed while the dashboard ran), this one alone.</summary>
    public Buckets Plus(Buckets other) => Combine(other, static (one, two) => one + two);

    /// <summary>What has come since <paramref name="earlier"/>; all of it when the sender has begun anew meanwhile.</summary>
    public Buckets Since(Buckets? earlier) =>
        earlier is null || Total < earlier.Total ? this : Combine(earlier, static (now, before) => now >= before ? now - before : 0);

    public ulong Total => Counts.Aggregate(0ul, static (sum, count) => sum + count);

    /// <summary>The value that a share of all values does not exceed, as straight lines between the bounds have it; null without values.</summary>
    /// <param name="share">0.95 for the 95th percentile.</param>
    /// <param name="min">The smallest value, where it is known.</param>
    /// <param name="max">The greatest value, where it is known: the last bucket has no bound of its own.</param>
    public double? Quantile(double share, double? min = null, double? max = null)
    {
        var total = Total;
        if (total == 0)
            return null;
        var wanted = share * total;
        double seen = 0;
        for (var i = 0; i < Counts.Length; i++)
        {
            if (Counts[i] == 0 || seen + Counts[i] < wanted)
            {
                seen += Counts[i];
                continue;
            }

            var low = i == 0 ? Math.Min(min ?? 0, Bounds.Length > 0 ? Bounds[0] : 0) : Bounds[i - 1];
            var high = i < Bounds.Length ? Bounds[i] : Math.Max(max ?? low, low);
            var value = low + ((high - low) * Math.Clamp((wanted - seen) / Counts[i], 0, 1));
            return Math.Clamp(value, min ?? double.MinValue, Math.Max(min ?? double.MinValue, max ?? double.MaxValue));
        }

        return max ?? (Bounds.Length > 0 ? Bounds[^1] : null);
    }

    private Buckets Combine(Buckets other, Func<ulong, ulong, ulong> how) =>
        Bounds.AsSpan().SequenceEqual(other.Bounds) && Counts.Length == other.Counts.Length
            ? new Buckets(Bounds, [.. Counts.Zip(other.Counts, how)])
            : this;
}
