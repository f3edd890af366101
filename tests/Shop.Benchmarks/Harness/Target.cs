using System.Globalization;
using Shop.Benchmarks.Results;

namespace Shop.Benchmarks.Harness;

/// <summary>What counts as done: a number computed of the figures of each round, whose median must reach (or stay below) a limit.</summary>
/// <param name="Text">What it demands, as the report prints it.</param>
/// <param name="Value">The number, given the figures of one round by the name of the side.</param>
/// <param name="Limit">What the median is held against.</param>
/// <param name="AtMost">Whether the limit is the highest value allowed, not the least.</param>
internal sealed record Target(string Text, Func<IReadOnlyDictionary<string, RoundFigures>, double> Value, double Limit, bool AtMost = false)
{
    /// <summary>Operations a second, <paramref name="ours"/> divided by the fastest of the <paramref name="others"/>.</summary>
    public static Target Ratio(double atLeast, string ours, params string[] others) =>
        new($"{ours} ≥ {Number(atLeast)} × {string.Join(" and ", others)}", round => round[ours].OperationsPerSecond / others.Max(other => round[other].OperationsPerSecond), atLeast);

    public static Target Throughput(string ours, double atLeastPerSecond) =>
        new($"{ours} ≥ {atLeastPerSecond.ToString("N0", CultureInfo.InvariantCulture)} a second", round => round[ours].OperationsPerSecond, atLeastPerSecond);

    /// <summary>A median in milliseconds.</summary>
    public static Target P50(string ours, double atMostMilliseconds) =>
        new($"p50 of {ours} ≤ {Number(atMostMilliseconds)} ms", round => round[ours].P50, atMostMilliseconds, AtMost: true);

    /// <summary>A p99 in milliseconds.</summary>
    public static Target P99(string ours, double atMostMilliseconds) =>
        new($"p99 of {ours} ≤ {Number(atMostMilliseconds)} ms", round => round[ours].P99, atMostMilliseconds, AtMost: true);

    /// <summary>The p99 of one side lies below the p50 of another: their quotient is below 1.</summary>
    public static Target P99BelowP50(string ours, string other) =>
        new($"p99 of {ours} below p50 of {other}", round => round[ours].P99 / round[other].P50, 1, AtMost: true);

    /// <summary>A latency, <paramref name="other"/>'s p50 divided by <paramref name="ours"/>'.</summary>
    public static Target LatencyRatio(double atLeast, string ours, string other) =>
        new($"p50 of {ours} {Number(atLeast)} × shorter than that of {other}", round => round[other].P50 / round[ours].P50, atLeast);

    public TargetResult Judge(IReadOnlyList<IReadOnlyDictionary<string, RoundFigures>> rounds)
    {
        var value = Spread.Of(rounds.Select(Value));
        return new TargetResult(Text, value, AtMost ? value.Median <= Limit : value.Median >= Limit);
    }

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
