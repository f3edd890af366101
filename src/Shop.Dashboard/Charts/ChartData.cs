using Shop.Dashboard.Telemetry;

namespace Shop.Dashboard.Charts;

/// <summary>One line: a value per moment, null where nothing is known.</summary>
public sealed record ChartLine(string Label, IReadOnlyList<double?> Values)
{
    public double? Last => Values.LastOrDefault(static value => value is not null);
}

/// <summary>Lines over time.</summary>
/// <param name="Unit">In UCUM, as OpenTelemetry has it; a rate ends in "/s".</param>
/// <param name="Exemplars">Measurements of a histogram with their traces.</param>
public sealed record ChartData(string Unit, IReadOnlyList<DateTimeOffset> Times, IReadOnlyList<ChartLine> Lines, IReadOnlyList<Exemplar> Exemplars)
{
    /// <summary>More lines than this tell nothing; those with the greatest values stay.</summary>
    public const int MaxLines = 12;

    public static readonly ChartData Empty = new("", [], [], []);

    public bool IsEmpty => Lines.All(static line => line.Values.All(static value => value is null));

    public static ChartData Of(IReadOnlyList<SeriesView> series, MetricQuery query, DateTimeOffset now)
    {
        if (series.Count == 0)
            return Empty;
        var times = query.Window.Times(now);
        var first = series[0].Latest;
        var isHistogram = first.Kind == MetricKind.Histogram;
        var statistic = (query.Statistic, isHistogram, first.HasRate) switch
        {
            (Statistic.Natural, true, _) when !string.IsNullOrEmpty(query.By) => Statistic.P95,
            (Statistic.Natural, true, _) => Statistic.Natural,
            (Statistic.Natural, _, true) => Statistic.Rate,
            (Statistic.Natural, _, _) => Statistic.Value,
            ( >= Statistic.Average, false, _) => first.HasRate ? Statistic.Rate : Statistic.Value,
            (var asked, _, _) => asked,
        };
        var lines = series.GroupBy(view => query.LineOf(view.Latest), StringComparer.Ordinal)
            .SelectMany(group => Draw(group.Key, [.. group], statistic, times, query.Window.Step))
            .OrderByDescending(static line => line.Values.Max() ?? 0).Take(MaxLines).ToList();
        if (statistic != Statistic.Natural)
            lines.Sort(static (one, other) => string.CompareOrdinal(one.Label, other.Label));
        return new ChartData(
            statistic == Statistic.Rate ? Rate(first) : first.Unit, times, lines,
            isHistogram && statistic != Statistic.Rate ? [.. series.SelectMany(static view => view.Exemplars).Where(exemplar => exemplar.Time >= times[0])] : []);
    }

    private static IEnumerable<ChartLine> Draw(string label, List<SeriesView> series, Statistic statistic, IReadOnlyList<DateTimeOffset> times, TimeSpan step)
    {
        if (statistic != Statistic.Natural)
            return [Line(label.Length > 0 ? label : "all", statistic)];
        return [Line("p99", Statistic.P99), Line("p95", Statistic.P95), Line("p50", Statistic.P50)];

        ChartLine Line(string name, Statistic what) => new(name, [.. times.Select(time => SeriesMath.At(series, what, time, step))]);
    }

    private static string Rate(MetricPoint point) => (point.Kind == MetricKind.Histogram ? "" : point.Unit) + "/s";
}
