namespace Shop.Dashboard.Telemetry;

/// <summary>Which series to list, by resource and name.</summary>
/// <param name="Text">Part of the instrument's or the meter's name, or of an attribute.</param>
/// <param name="Resource">The exact name of a resource.</param>
/// <param name="Limit">At most so many.</param>
public sealed record MetricFilter(string? Text = null, string? Resource = null, int Limit = 1_000)
{
    public bool Accepts(MetricSeriesKey series) =>
        (Resource is not { Length: > 0 } || series.Source.Name == Resource)
        && (Text is not { Length: > 0 } text || series.Contains(text));
}

/// <summary>Holds the last hour of each series; at the cap, the series that was silent for longest leaves.</summary>
internal sealed class MetricStore(int capacity = MetricStore.DefaultCapacity, TimeProvider? clock = null)
{
    public const int DefaultCapacity = 10_000;

    /// <summary>A sender that began this much before the dashboard may still have begun with it.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly DateTimeOffset _since = (clock ?? TimeProvider.System).GetUtcNow() - Tolerance;
    private readonly Dictionary<MetricSeriesKey, LinkedListNode<MetricSeries>> _series = [];
    private readonly LinkedList<MetricSeries> _byUpdate = new();

    public int Count
    {
        get
        {
            lock (_gate)
                return _series.Count;
        }
    }

    public void Add(IReadOnlyList<MetricPoint> points)
    {
        lock (_gate)
        {
            foreach (var point in points)
                Update(point);
        }
    }

    /// <summary>The latest point of each series.</summary>
    public IReadOnlyList<MetricPoint> List(MetricFilter filter)
    {
        lock (_gate)
        {
            return
            [
                .. _byUpdate.Select(static series => series.Latest).Where(point => filter.Accepts(point.Series))
                    .OrderBy(static point => point.Series.Instrument, StringComparer.Ordinal)
                    .ThenBy(static point => point.Series.Source.Name, StringComparer.Ordinal)
                    .ThenBy(static point => point.Series.Source.Instance, StringComparer.Ordinal)
                    .ThenBy(static point => point.Series.Attributes, StringComparer.Ordinal)
                    .Take(filter.Limit),
            ];
        }
    }

    /// <summary>The series of the instruments that are asked for, with what they were before.</summary>
    public IReadOnlyList<SeriesView> Read(Func<MetricPoint, bool> wanted)
    {
        lock (_gate)
            return [.. _byUpdate.Where(series => wanted(series.Latest)).Select(static series => series.View())];
    }

    private void Update(MetricPoint point)
    {
        if (_series.TryGetValue(point.Series, out var node))
        {
            _byUpdate.Remove(node);
            _byUpdate.AddLast(node);
        }
        else
        {
            if (_series.Count == capacity)
            {
                _series.Remove(_byUpdate.First!.Value.Latest.Series);
                _byUpdate.RemoveFirst();
            }
            _series.Add(point.Series, node = _byUpdate.AddLast(new MetricSeries(point, beganHere: point.Start >= _since)));
        }
        node.Value.Add(point);
    }
}
