using Shop.Benchmarks.Results;

namespace Shop.Benchmarks.Harness;

/// <summary>Runs scenarios one after the other: servers, data, warm-up of every side in turn, then round after round A B A B …; each result is printed and saved as soon as it is known.</summary>
internal static class BenchmarkSuite
{
    private static readonly TimeSpan LongestWarmUp = TimeSpan.FromSeconds(15);

    /// <summary>Answers the names of those that failed; the others go on.</summary>
    public static async Task<IReadOnlyList<string>> RunAsync(IReadOnlyList<Scenario> scenarios, CommandLine command, CancellationToken cancellationToken)
    {
#if DEBUG
        await Console.Error.WriteLineAsync("This is a Debug build: its numbers mean nothing. Run it with -c Release.");
#endif
        var progress = new Progress(
            scenarios.Sum(scenario => scenario.CreateSides().Count * (command.Rounds + WarmUps(scenario, command).Count)),
            TimeSpan.FromTicks(scenarios.Sum(scenario => scenario.CreateSides().Count * ((command.Rounds * command.Duration) + WarmUp(scenario, command)).Ticks)));
        List<string> failed = [];
        foreach (var scenario in scenarios)
        {
            try
            {
                var result = await RunAsync(scenario, command, progress, cancellationToken);
                Progress.Clear();
                ResultTable.Print(result, Console.Out);
                ResultStore.Save(result);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                Progress.Clear();
                await Console.Error.WriteLineAsync($"{scenario.Name} failed: {exception}");
                failed.Add(scenario.Name);
            }
        }

        Console.Out.WriteLine($"\nResults and charts: {ResultStore.Folder}");
        return failed;
    }

    private static async Task<ScenarioResult> RunAsync(Scenario scenario, CommandLine command, Progress progress, CancellationToken cancellationToken)
    {
        var processes = new ProcessTimes();
        await using var servers = new BenchServers(processes);
        var sides = scenario.CreateSides();
        try
        {
            progress.Show(scenario.Name, "preparing");
            await scenario.PrepareAsync(servers, cancellationToken);
            foreach (var side in sides)
                await side.StartAsync(servers, cancellationToken);
            foreach (var length in WarmUps(scenario, command))
            {
                foreach (var side in sides)
                {
                    progress.Show(scenario.Name, $"warming up {side.Name}");
                    await MeasureAsync(side, length, processes, progress, cancellationToken);
                }
            }

            List<Dictionary<string, RoundFigures>> rounds = [];
            var latencies = sides.ToDictionary(static side => side.Name, static _ => new LatencyHistogram());
            for (var round = 1; round <= command.Rounds; round++)
            {
                Dictionary<string, RoundFigures> figures = [];
                foreach (var side in sides)
                {
                    progress.Show(scenario.Name, $"round {round} of {command.Rounds}, {side.Name}");
                    var measurement = await MeasureAsync(side, command.Duration, processes, progress, cancellationToken);
                    figures[side.Name] = measurement.Figures();
                    latencies[side.Name].Add(measurement.Latencies);
                }

                rounds.Add(figures);
            }

            return Summarise(scenario, sides, rounds, latencies, command);
        }
        finally
        {
            foreach (var side in sides)
                await side.DisposeAsync();
        }
    }

    private static TimeSpan WarmUp(Scenario scenario, CommandLine command) => command.WarmUp > scenario.WarmUp ? command.WarmUp : scenario.WarmUp;

    /// <summary>A long warm-up is done in parts, so that no side's connections are idle until they are closed.</summary>
    private static List<TimeSpan> WarmUps(Scenario scenario, CommandLine command)
    {
        var total = WarmUp(scenario, command);
        var parts = (int)Math.Ceiling(total / LongestWarmUp);
        return [.. Enumerable.Repeat(total / parts, parts)];
    }

    private static async Task<Measurement> MeasureAsync(Side side, TimeSpan duration, ProcessTimes processes, Progress progress, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var (name, ids) in side.Processes)
            processes.Watch(name, ids, children: true);
        var measurement = new Measurement(duration, processes, cancellationToken);
        await side.RunAsync(measurement);
        foreach (var name in side.Processes.Keys)
            processes.Forget(name);
        progress.Measured(duration);
        return measurement;
    }

    private static ScenarioResult Summarise(
        Scenario scenario, IReadOnlyList<Side> sides, List<Dictionary<string, RoundFigures>> rounds, Dictionary<string, LatencyHistogram> latencies, CommandLine command)
    {
        var results = sides.Select(side => new SideResult(
            side.Name,
            side.Ours,
            [.. rounds.Select(round => round[side.Name])],
            latencies[side.Name].Percentile(0.5).TotalMilliseconds,
            latencies[side.Name].Percentile(0.99).TotalMilliseconds,
            latencies[side.Name].Max.TotalMilliseconds)).ToList();
        var ratios =
            from ours in sides.Where(static side => side.Ours)
            from other in sides.Where(static side => !side.Ours)
            select new RatioResult(ours.Name, other.Name, Spread.Of(rounds.Select(round => round[ours.Name].OperationsPerSecond / round[other.Name].OperationsPerSecond)));
        return new ScenarioResult(
            scenario.Name,
            scenario.Measures,
            scenario.Order,
            TimeProvider.System.GetUtcNow(),
            command.Duration.TotalSeconds,
            results,
            [.. ratios],
            [.. scenario.Targets.Select(target => target.Judge(rounds))]);
    }
}
