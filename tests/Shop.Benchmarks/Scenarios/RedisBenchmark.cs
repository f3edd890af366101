using System.Diagnostics;
using System.Globalization;
using Shop.Benchmarks.Harness;
using Shop.EmbeddedHosting.Servers;

namespace Shop.Benchmarks.Scenarios;

/// <summary>Redis's own load generator: what the server can do with one command, pipelined, when the client costs next to nothing.</summary>
internal sealed class RedisBenchmark(string name, int pipeline, string[] command) : RedisSide(name, ours: false)
{
    private string _program = "";
    private int _port;
    private double _perSecond = 50_000;

    public override async Task StartAsync(BenchServers servers, CancellationToken cancellationToken)
    {
        await base.StartAsync(servers, cancellationToken);
        _program = await ServerBinaries.LocateAsync("redis-benchmark", cancellationToken);
        _port = (await servers.RedisAsync(cancellationToken)).Port;
    }

    public override async Task RunAsync(Measurement measurement)
    {
        var requests = (long)Math.Max(_perSecond * measurement.Duration.TotalSeconds, 1_000);
        string[] options = ["-h", "127.0.0.1", "-p", Text(_port), "-c", "1", "-P", Text(pipeline), "-n", Text(requests), "--csv"];
        measurement.Begin();
        using var process = Process.Start(new ProcessStartInfo(_program, [.. options, .. command]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(measurement.Cancelled);
        await process.WaitForExitAsync(measurement.Cancelled);
        measurement.End();

        // "test","rps","avg_latency_ms",… and one line of values.
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (process.ExitCode != 0 || lines is not [_, var values, ..] || !TryReadSpeed(values, out _perSecond))
            throw new InvalidOperationException($"redis-benchmark ended with exit code {process.ExitCode} and this output:\n{output}");
        measurement.Report(requests, TimeSpan.FromSeconds(requests / _perSecond));
        await Database.ExecuteAsync("FLUSHALL");
    }

    /// <summary>The command, which comes first, may have commas and quotes of its own: the speed is the seventh value from the end.</summary>
    private static bool TryReadSpeed(string line, out double perSecond)
    {
        var values = line.Trim().Split("\",\"");
        perSecond = 0;
        return values.Length >= 8 && double.TryParse(values[^7], CultureInfo.InvariantCulture, out perSecond);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
