using System.Globalization;
using Shop.Dashboard.Telemetry;

namespace Shop.Dashboard.Pages;

/// <summary>Numbers and times as the pages write them.</summary>
internal static class Format
{
    /// <summary>Three significant digits: 1.23 s, 45.6 ms, 789 µs.</summary>
    public static string Duration(TimeSpan duration) => duration switch
    {
        { TotalSeconds: >= 100 } => string.Create(CultureInfo.InvariantCulture, $"{(int)duration.TotalMinutes} min {duration.Seconds} s"),
        { TotalSeconds: >= 1 } => Three(duration.TotalSeconds) + " s",
        { TotalMilliseconds: >= 1 } => Three(duration.TotalMilliseconds) + " ms",
        _ => Three(duration.TotalMicroseconds) + " µs",
    };

    /// <summary>The dashboard runs on the machine of whoever looks at it, so its time zone is theirs.</summary>
    public static string Time(DateTimeOffset time, TimeProvider clock) =>
        TimeZoneInfo.ConvertTime(time, clock.LocalTimeZone).ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    public static string Machine(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    public static string Number(double value) =>
        value.ToString(
            Math.Abs(value) switch
            {
                >= 1e15 or (> 0 and < 1e-6) => "0.###E+0",
                >= 100 => "#,0.##",
                >= 1 => "0.###",
                _ => "0.######",
            },
            CultureInfo.InvariantCulture);

    public static string Count(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>For SVG attributes: a share of the whole in percent.</summary>
    public static string Percent(double share) => (share * 100).ToString("0.###", CultureInfo.InvariantCulture) + "%";

    /// <summary>A histogram shows what its values are like, everything else its value.</summary>
    public static string Value(MetricPoint point) => point.Kind == MetricKind.Histogram
        ? point.Average is { } average ? $"{Number(average)} on average" : "nothing yet"
        : Number(point.Value);

    private static string Three(double value) =>
        value.ToString(value >= 100 ? "0" : value >= 10 ? "0.#" : "0.##", CultureInfo.InvariantCulture);
}
