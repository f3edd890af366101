using Shop.Dashboard.Telemetry;

namespace Shop.Dashboard.Charts;

/// <summary>
/// The value of several series together at one moment. Rates and percentiles look at the last two steps, since samples do not
/// fall on the steps; a counter that has become smaller has begun anew, and a series that has fallen silent has no value.
/// </summary>
internal static class SeriesMath
{
    /// <summary>Exporters report every second in development, and every minute by default.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(70);

    public static double? At(IReadOnlyList<SeriesView> series, Statistic statistic, DateTimeOffset time, TimeSpan step) => statistic switch
    {
        Statistic.Value => Sum(series.Select(view => Sample(view, time, step)?.Value)),
        Statistic.Shared => Sum(series.GroupBy(static view => view.Latest.Series.Attributes, StringComparer.Ordinal).Select(same => same.Max(view => Sample(view, time, step)?.Value))),
        Statistic.Greatest => series.Max(view => Sample(view, time, step)?.Value),
        Statistic.Rate => Sum(series.Select(view => view.Latest.Kind == MetricKind.Histogram
            ? Increase(view, time, step, static sample => sample.Count)
            : Increase(view, time, step, static sample => sample.Value))) / (2 * step.TotalSeconds),
        Statistic.Average => Sum(series.Select(view => Increase(view, time, step, static sample => sample.Count))) is { } count and > 0
            ? Sum(series.Select(view => Increase(view, time, step, static sample => sample.Value))) / count
            : null,
        _ => Percentile(series, time, step, statistic switch { Statistic.P50 => 0.5, Statistic.P90 => 0.9, Statistic.P95 => 0.95, _ => 0.99 }),
    };

    private static double? Percentile(IReadOnlyList<SeriesView> series, DateTimeOffset time, TimeSpan step, double share)
    {
        Buckets? all = null;
        foreach (var view in series)
        {
            if (Sample(view, time, step) is not { Buckets: { } now } || (Sample(view, time - (2 * step), step) is not { } before ? !view.BeganHere : before.Buckets is null))
                continue;
            var since = now.Since(Sample(view, time - (2 * step), step)?.Buckets);
            all = all is null ? since : all.Plus(since);
        }

        var extremes = series.Where(static view => view.Latest.Count > 0).Select(static view => view.Latest).ToList();
        return all?.Quantile(share, extremes.Min(static point => point.Min), extremes.Max(static point => point.Max));
    }

    private static double? Increase(SeriesView view, DateTimeOffset time, TimeSpan step, Func<MetricSample, double> of)
    {
        if (Sample(view, time, step) is not { } now)
            return null;
        if (Sample(view, time - (2 * step), step) is not { } before)
            return view.BeganHere ? of(now) : null;
        return of(now) >= of(before) ? of(now) - of(before) : of(now);
    }

    /// <summary>The last sample at this time, if the series was not silent then.</summary>
    private static MetricSample? Sample(SeriesView view, DateTimeOffset time, TimeSpan step)
    {
        var (low, high) = (0, view.Samples.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (view.Samples[middle].Time <= time)
                low = middle + 1;
            else
                high = middle;
        }

        return low > 0 && time - view.Samples[low - 1].Time < Silence + step ? view.Samples[low - 1] : null;
    }

    private static double? Sum(IEnumerable<double?> values)
    {
        double? sum = null;
        foreach (var value in values)
            sum = value is null ? sum : (sum ?? 0) + value;
        return sum;
    }
}
