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

/// <summary>Holds the latest value of each series; at the cap, the series that was silent for longest leaves.</summary>
internal sealed class MetricStore(int capacity = MetricStore.DefaultCapacity)
{
    public const int DefaultCapacity = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<MetricSeriesKey, LinkedListNode<MetricPoint>> _series = [];
    private readonly LinkedList<MetricPoint> _byUpdate = new();

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

    public IReadOnlyList<MetricPoint> List(MetricFilter filter)
    {
        lock (_gate)
        {
            return
            [
                .. _byUpdate.Where(point => filter.Accepts(point.Series))
                    .OrderBy(static point => point.Series.Instrument, StringComparer.Ordinal)
                    .ThenBy(static point => point.Series.Source.Name, StringComparer.Ordinal)
                    .ThenBy(static point => point.Series.Source.Instance, StringComparer.Ordinal)
                    .ThenBy(static point => point.Series.Attributes, StringComparer.Ordinal)
                    .Take(filter.Limit),
            ];
        }
    }

    private void Update(MetricPoint point)
    {
        if (_series.TryGetValue(point.Series, out var node))
        {
            node.Value = point.IsDelta ? Sum(node.Value, point) : point;
            _byUpdate.Remove(node);
            _byUpdate.AddLast(node);
            return;
        }
        if (_series.Count == capacity)
        {
            _series.Remove(_byUpdate.First!.Value.Series);
            _byUpdate.RemoveFirst();
        }
        _series.Add(point.Series, _byUpdate.AddLast(point));
    }

    private static MetricPoint Sum(MetricPoint total, MetricPoint delta) => delta with
    {
        Value = total.Value + delta.Value,
        Count = total.Count + delta.Count,
        Min = Smaller(total.Min, delta.Min),
        Max = Greater(total.Max, delta.Max),
    };

    private static double? Smaller(double? one, double? other) => one is null || other < one ? other ?? one : one;

    private static double? Greater(double? one, double? other) => one is null || other > one ? other ?? one : one;
}
