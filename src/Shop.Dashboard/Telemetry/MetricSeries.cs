namespace Shop.Dashboard.Telemetry;

/// <summary>A series at one moment: totals since its start, so that any two moments can be subtracted.</summary>
public readonly record struct MetricSample(DateTimeOffset Time, double Value, ulong Count, Buckets? Buckets);

/// <summary>A series as a reader sees it: its latest point, what it was before, and measurements with their traces.</summary>
/// <param name="Latest">The latest point, with deltas added up.</param>
/// <param name="BeganHere">The dashboard has seen it from its first value on: before it there was nothing, not something unknown.</param>
/// <param name="Samples">In order of time.</param>
/// <param name="Exemplars">In order of arrival.</param>
public sealed record SeriesView(MetricPoint Latest, bool BeganHere, IReadOnlyList<MetricSample> Samples, IReadOnlyList<Exemplar> Exemplars);

/// <summary>
/// What is kept of one series: every second of the last two and a half minutes, and every fifteenth of the last hour. A value
/// that repeats costs a few bytes, as the buckets of an idle histogram are kept once. Guarded by its store's lock.
/// </summary>
internal sealed class MetricSeries(MetricPoint first, bool beganHere)
{
    private const int FineSamples = 150;
    private const int CoarseSamples = 240;
    private const int MaxExemplars = 50;
    private static readonly TimeSpan FineStep = TimeSpan.FromMilliseconds(900);
    private static readonly TimeSpan CoarseStep = TimeSpan.FromSeconds(15);

    private readonly Queue<MetricSample> _fine = new();
    private readonly Queue<MetricSample> _coarse = new();
    private readonly Queue<Exemplar> _exemplars = new();
    private DateTimeOffset _lastFine;
    private DateTimeOffset _lastCoarse;

    public MetricPoint Latest { get; private set; } = first with { Value = 0, Count = first.Count is null ? null : 0, Buckets = null, Min = null, Max = null, Exemplars = [] };

    public void Add(MetricPoint point)
    {
        if (point.Time < Latest.Time)
            return; // an export that was overtaken
        foreach (var exemplar in point.Exemplars)
            Keep(_exemplars, exemplar, MaxExemplars);
        var total = point.IsDelta ? Sum(Latest, point) : point;
        Latest = total with
        {
            Exemplars = [],
            Buckets = total.Buckets is { } buckets && Latest.Buckets is { } before && before.Counts.AsSpan().SequenceEqual(buckets.Counts) ? before : total.Buckets,
        };
        var sample = new MetricSample(point.Time, Latest.Value, Latest.Count ?? 0, Latest.Buckets);
        if (point.Time - _lastFine >= FineStep)
        {
            Keep(_fine, sample, FineSamples);
            _lastFine = point.Time;
        }
        if (point.Time - _lastCoarse >= CoarseStep)
        {
            Keep(_coarse, sample, CoarseSamples);
            _lastCoarse = point.Time;
        }
    }

    public SeriesView View() =>
        new(Latest, beganHere, [.. _coarse.TakeWhile(sample => sample.Time < _fine.Peek().Time), .. _fine], [.. _exemplars]);

    private static void Keep<T>(Queue<T> queue, T item, int capacity)
    {
        if (queue.Count == capacity)
            queue.Dequeue();
        queue.Enqueue(item);
    }

    private static MetricPoint Sum(MetricPoint total, MetricPoint delta) => delta with
    {
        Value = total.Value + delta.Value,
        Count = total.Count + delta.Count,
        Min = Smaller(total.Min, delta.Min),
        Max = Greater(total.Max, delta.Max),
        Buckets = total.Buckets is { } before && delta.Buckets is { } more ? more.Plus(before) : delta.Buckets ?? total.Buckets,
    };

    private static double? Smaller(double? one, double? other) => one is null || other < one ? other ?? one : one;

    private static double? Greater(double? one, double? other) => one is null || other > one ? other ?? one : one;
}
