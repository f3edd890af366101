using System.Globalization;
using System.Text;
using Shop.Benchmarks.Harness;

namespace Shop.Benchmarks.Results;

/// <summary>The README's performance section, between two markers.</summary>
internal static class ReadmeSection
{
    private const string Begin = "<!-- benchmarks: written by `Shop.Benchmarks -- report` -->";
    private const string End = "<!-- end of benchmarks -->";

    /// <summary>Replaces what stands between the markers, and answers the file.</summary>
    /// <exception cref="UsageException">The README has not the two markers.</exception>
    public static string Write(ResultFile results)
    {
        var file = Path.Combine(ResultStore.Repository, "README.md");
        var text = File.ReadAllText(file);
        var begin = text.IndexOf(Begin, StringComparison.Ordinal);
        var end = text.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin)
            throw new UsageException($"{file} has no '{Begin}' followed by '{End}': put both where the section belongs.");
        File.WriteAllText(file, text[..(begin + Begin.Length)] + "\n" + Render(results) + text[end..]);
        return file;
    }

    private static string Render(ResultFile results)
    {
        var scenarios = results.Scenarios.Values.OrderBy(static scenario => scenario.Order).ThenBy(static scenario => scenario.Name, StringComparer.Ordinal).ToList();
        var text = new StringBuilder();
        Line($"Measured on {results.Machine}, {Days(scenarios)}.");
        Line($"Everything runs on that one machine, load included; a ratio is taken within a run, the median of its rounds (the least to the greatest).");
        Line($"");
        Line($"| scenario | side | a second | p50 ms | p99 ms | bytes/op | CPU s per 1,000 |");
        Line($"| --- | --- | ---: | ---: | ---: | ---: | --- |");
        foreach (var scenario in scenarios)
        {
            for (var index = 0; index < scenario.Sides.Count; index++)
            {
                var side = scenario.Sides[index];
                Line($"| {(index == 0 ? $"`{scenario.Name}`" : "")} | {(side.Ours ? $"**{side.Name}**" : side.Name)} | {side.OperationsPerSecond.Median:N0} | {ResultTable.Milliseconds(side.P50)} | {ResultTable.Milliseconds(side.P99)} | {side.AllocatedBytes:N0} | {Cpu(side)} |");
            }
        }

        Line($"");
        Line($"| scenario | what it measures | target | measured | |");
        Line($"| --- | --- | --- | --- | --- |");
        foreach (var scenario in scenarios)
        {
            foreach (var target in scenario.Targets)
                Line($"| `{scenario.Name}` | {scenario.Measures} | {target.Text} | {ResultTable.Text(target.Value)} | {(target.Met ? "met" : "**missed**")} |");
            if (scenario.Targets.Count == 0)
                Line($"| `{scenario.Name}` | {scenario.Measures} | | {string.Join("<br/>", scenario.Ratios.Select(static ratio => $"{ratio.Ours} / {ratio.Other}: {ResultTable.Text(ratio.Value)}"))} | |");
        }

        return text.ToString();

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    private static string Cpu(SideResult side) =>
        string.Join(", ", side.Cpu.Select(static process => string.Create(CultureInfo.InvariantCulture, $"{process.Key} {process.Value:0.000}")));

    private static string Days(List<ScenarioResult> scenarios)
    {
        var first = Day(scenarios.Min(static scenario => scenario.MeasuredAt));
        var last = Day(scenarios.Max(static scenario => scenario.MeasuredAt));
        return first == last ? first : $"{first} to {last}";
    }

    private static string Day(DateTimeOffset time) => time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
