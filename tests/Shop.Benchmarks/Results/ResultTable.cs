using System.Globalization;

namespace Shop.Benchmarks.Results;

/// <summary>A scenario's result for the console.</summary>
internal static class ResultTable
{
    public static void Print(ScenarioResult result, TextWriter output)
    {
        var processes = result.Sides.SelectMany(static side => side.Cpu.Keys).Distinct().ToList();
        output.WriteLine();
        output.WriteLine($"{result.Name}: {result.Measures}");
        Line($"  {"side",-30} {"ops/s",12} {"p50 ms",9} {"p99 ms",9} {"max ms",9} {"B/op",10} {string.Concat(processes.Select(static process => $" {process + " CPU",14}"))}");
        foreach (var side in result.Sides)
        {
            Line($"  {side.Name,-30} {side.OperationsPerSecond.Median,12:N0} {Milliseconds(side.P50),9} {Milliseconds(side.P99),9} {Milliseconds(side.Max),9} {side.AllocatedBytes,10:N0} {string.Concat(processes.Select(process => $" {Seconds(side.Cpu.GetValueOrDefault(process)),14}"))}");
            foreach (var (name, values) in Figures(side))
                Line($"    {name}: {values.Median:N2} ({values.Min:N2} to {values.Max:N2})");
        }

        Line($"  (CPU: seconds per thousand operations; {result.Rounds} rounds of {result.SecondsPerRound:0.#} s)");
        foreach (var ratio in result.Ratios)
            Line($"  ratio   {ratio.Ours} / {ratio.Other}: {Text(ratio.Value)}");
        foreach (var target in result.Targets)
            Line($"  target  {target.Text}: {Text(target.Value)} {(target.Met ? "met" : "MISSED")}");

        void Line(FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture).TrimEnd());
    }

    /// <summary>A ratio with its spread, for example <c>1.24 (1.20 to 1.31)</c>.</summary>
    public static string Text(Spread value) => string.Create(CultureInfo.InvariantCulture, $"{Short(value.Median)} ({Short(value.Min)} to {Short(value.Max)})");

    /// <summary>Milliseconds, or a dash where no latency was recorded.</summary>
    public static string Milliseconds(double value) => value == 0 ? "–" : value.ToString(value < 10 ? "0.000" : "0.0", CultureInfo.InvariantCulture);

    private static string Short(double value) => value.ToString(Math.Abs(value) >= 1_000 ? "N0" : "0.00", CultureInfo.InvariantCulture);

    private static string Seconds(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);

    private static IEnumerable<(string Name, Spread Values)> Figures(SideResult side) =>
        side.Rounds[0].Figures.Keys.Select(name => (name, Spread.Of(side.Rounds.Select(round => round.Figures.GetValueOrDefault(name)))));
}
