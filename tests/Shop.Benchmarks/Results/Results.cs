using Shop.Benchmarks.Harness;

namespace Shop.Benchmarks.Results;

/// <summary>Median, least and greatest of several rounds.</summary>
internal sealed record Spread(double Median, double Min, double Max)
{
    public static Spread Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        var middle = sorted.Length / 2;
        return new Spread(sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2, sorted[0], sorted[^1]);
    }
}

/// <summary>One side over all rounds; latencies in milliseconds, of all rounds together.</summary>
internal sealed record SideResult(string Name, bool Ours, IReadOnlyList<RoundFigures> Rounds, double P50, double P99, double Max)
{
    public Spread OperationsPerSecond => Spread.Of(Rounds.Select(static round => round.OperationsPerSecond));

    public double AllocatedBytes => Spread.Of(Rounds.Select(static round => round.AllocatedBytes)).Median;

    /// <summary>Seconds per thousand operations, median, by process.</summary>
    public IReadOnlyDictionary<string, double> Cpu =>
        Rounds[0].Cpu.Keys.ToDictionary(static process => process, process => Spread.Of(Rounds.Select(round => round.Cpu.GetValueOrDefault(process))).Median);
}

/// <summary>Operations a second of ours divided by another's, round by round.</summary>
internal sealed record RatioResult(string Ours, string Other, Spread Value);

internal sealed record TargetResult(string Text, Spread Value, bool Met);

internal sealed record ScenarioResult(
    string Name,
    string Measures,
    int Order,
    DateTimeOffset MeasuredAt,
    double SecondsPerRound,
    IReadOnlyList<SideResult> Sides,
    IReadOnlyList<RatioResult> Ratios,
    IReadOnlyList<TargetResult> Targets)
{
    public int Rounds => Sides[0].Rounds.Count;
}

/// <summary>The last result of every scenario that was run on this machine.</summary>
internal sealed record ResultFile(Machine Machine, Dictionary<string, ScenarioResult> Scenarios);
