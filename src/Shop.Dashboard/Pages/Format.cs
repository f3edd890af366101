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

    /// <summary>A name of several words as people write it: FailedToStart is "Failed to start".</summary>
    public static string Words(string name) =>
        string.Concat(name.Select(static (letter, i) => i == 0 ? $"{char.ToUpperInvariant(letter)}" : char.IsUpper(letter) ? $" {char.ToLowerInvariant(letter)}" : $"{letter}"));

    /// <summary>An address without its scheme.</summary>
    public static string Address(string address) => address.Replace("http://", "", StringComparison.Ordinal).TrimEnd('/');

    /// <summary>A measurement in its unit (UCUM): 1.5 ms, 12 MB, 3/s.</summary>
    public static string Measured(double value, string unit) => unit switch
    {
        "s" => value < 0 ? Number(value) + " s" : Duration(TimeSpan.FromSeconds(Math.Min(value, 1e9))),
        "ms" => value < 0 ? Number(value) + " ms" : Duration(TimeSpan.FromMilliseconds(Math.Min(value, 1e12))),
        "By" => Bytes(value),
        "By/s" => Bytes(value) + "/s",
        "s/s" or "1" or "" => Number(Math.Round(value, 4)),
        ['{', ..] when unit.EndsWith("/s", StringComparison.Ordinal) => Number(Math.Round(value, 3)) + "/s",
        ['{', ..] => Number(value),
        "/s" => Number(Math.Round(value, 3)) + "/s",
        _ => $"{Number(Math.Round(value, 3))} {unit}",
    };

    private static string Bytes(double value) => Math.Abs(value) switch
    {
        >= 1e9 => Three(value / 1e9) + " GB",
        >= 1e6 => Three(value / 1e6) + " MB",
        >= 1e3 => Three(value / 1e3) + " kB",
        _ => Three(value) + " B",
    };

    public static string Count(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>For SVG attributes: a share of the whole in percent.</summary>
    public static string Percent(double share) => (share * 100).ToString("0.###", CultureInfo.InvariantCulture) + "%";

    /// <summary>A number in an SVG attribute.</summary>
    public static string Svg(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>A share in whole percent.</summary>
    public static string Share(double share) => Math.Round(share * 100).ToString("0", CultureInfo.InvariantCulture) + " %";

    /// <summary>What the series of an instrument say now, together: of a histogram the average, of all others the sum.</summary>
    public static string Latest(IReadOnlyList<MetricPoint> points)
    {
        if (points[0].Kind != MetricKind.Histogram)
            return Measured(points.Sum(static point => point.Value), points[0].Unit);
        var count = points.Aggregate(0ul, static (sum, point) => sum + (point.Count ?? 0));
        return count == 0 ? "nothing yet" : $"{Measured(points.Sum(static point => point.Value) / count, points[0].Unit)} on average";
    }

    private static string Three(double value) =>
        value.ToString(value >= 100 ? "0" : value >= 10 ? "0.#" : "0.##", CultureInfo.InvariantCulture);
}
