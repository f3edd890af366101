using System.Diagnostics;
using Shop.Benchmarks.Harness;
using Shop.EmbeddedHosting.Processes;
using Shop.EmbeddedHosting.Servers;

namespace Shop.Benchmarks.Scenarios;

/// <summary>What <c>dotnet run --project AppHost -- --ephemeral</c> does after the build, from the start of the process to its table of addresses.</summary>
internal sealed class AppStart : Scenario
{
    public override string Name => "app-start";

    public override string Measures => "Start the whole application on new data, until everything is healthy.";

    public override int Order => 130;

    public override IReadOnlyList<Target> Targets => [new("healthy within 15 s", static round => round["AppHost"].P50 / 1_000, 15, AtMost: true)];

    public override IReadOnlyList<Side> CreateSides() => [new WholeApplication()];

    private sealed class WholeApplication : Side
    {
        private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

        // Its own output, built the same way as this: the copy beside this assembly lacks what ASP.NET brings along here.
        private static readonly string AppHost = Path.Combine(
            Projects.AppHost.ProjectPath, "bin", Path.GetRelativePath(Path.Combine(AppContext.BaseDirectory, "..", ".."), AppContext.BaseDirectory), "AppHost.dll");

        public override string Name => "AppHost";

        public override bool Ours => true;

        /// <summary>One start, however short the rounds are to be.</summary>
        public override async Task RunAsync(Measurement measurement)
        {
            var start = new ProcessStartInfo(
                Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet",
                [AppHost, "--ephemeral", $"--web-port={FreePort.Next()}", $"--dashboard-port={FreePort.Next()}"])
            { UseShellExecute = false, RedirectStandardOutput = true };
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(measurement.Cancelled);
            patience.CancelAfter(Patience);

            measurement.Begin();
            var started = Stopwatch.GetTimestamp();
            using var process = Process.Start(start)!;
            try
            {
                await ReadToAsync(process.StandardOutput, "All healthy after", patience.Token);
                measurement.Done(started);
                measurement.End();
                PosixSignals.Send(process.Id, PosixSignals.Terminate);
                await process.StandardOutput.ReadToEndAsync(patience.Token);
                await process.WaitForExitAsync(patience.Token);
            }
            finally
            {
                if (!process.HasExited)
                    process.Kill(entireProcessTree: true);
            }
        }

        private static async Task ReadToAsync(StreamReader output, string words, CancellationToken cancellationToken)
        {
            while (await output.ReadLineAsync(cancellationToken) is { } line)
            {
                if (line.Contains(words, StringComparison.Ordinal))
                    return;
            }

            throw new InvalidOperationException($"The AppHost ended before it said '{words}'.");
        }
    }
}
