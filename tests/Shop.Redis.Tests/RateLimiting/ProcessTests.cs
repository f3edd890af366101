using System.Diagnostics;
using System.Globalization;
using Shop.Testing;
using Xunit;

namespace Shop.Redis.Tests.RateLimiting;

/// <summary>Several processes whose clocks are hours and years apart share one limit.</summary>
public abstract class ProcessTests(ITestRedis server)
{
    private static readonly TimeSpan[] Skews = [TimeSpan.Zero, TimeSpan.FromDays(-400), TimeSpan.FromSeconds(-3), TimeSpan.FromDays(400)];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("fixed")]
    [InlineData("sliding")]
    [InlineData("bucket")]
    public async Task N_permits_are_N_permits_among_processes_with_skewed_clocks(string kind)
    {
        var granted = await RunAsync(kind, permits: 1000, window: TimeSpan.FromDays(1), duration: TimeSpan.Zero);

        Assert.Equal(1000, granted.Sum(static times => times.Length));
        Assert.True(granted.Count(static times => times.Length > 0) > 1, "One process had all the permits before another began.");
    }

    [Fact]
    public async Task No_window_lets_more_than_the_limit_through_among_processes_with_skewed_clocks()
    {
        const int Permits = 25;
        const int Window = 150_000;
        var granted = await RunAsync("sliding", Permits, TimeSpan.FromMicroseconds(Window), TimeSpan.FromSeconds(2));

        var times = granted.SelectMany(static all => all).Order().ToArray();
        Assert.True(times.Length > Permits, $"Only {times.Length} permits in two seconds.");
        for (var i = Permits; i < times.Length; i++)
            Assert.True(times[i] - times[i - Permits] >= Window, $"{Permits + 1} permits within {times[i] - times[i - Permits]} µs.");
    }

    private async Task<long[][]> RunAsync(string kind, int permits, TimeSpan window, TimeSpan duration)
    {
        string[] shared = [Path.Combine(AppContext.BaseDirectory, "Shop.SampleLimits.dll"), server.Connection.Configuration, RedisFixture.NewPrefix(), kind, Text(permits), Text(window.TotalMilliseconds)];
        var processes = Skews.Select(skew => Process.Start(new ProcessStartInfo("dotnet", [.. shared, Text(skew.TotalMilliseconds), Text(duration.TotalMilliseconds)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!).ToArray();
        try
        {
            foreach (var process in processes)
                Assert.Equal("ready", await process.StandardOutput.ReadLineAsync(Ct));
            foreach (var process in processes)
                await process.StandardInput.WriteLineAsync("go");
            var outputs = await Task.WhenAll(processes.Select(static process => process.StandardOutput.ReadToEndAsync(Ct)));
            await Task.WhenAll(processes.Select(static process => process.WaitForExitAsync(Ct)));
            Assert.All(processes, static process => Assert.Equal(0, process.ExitCode));
            return [.. outputs.Select(static output => output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => long.Parse(line, CultureInfo.InvariantCulture)).ToArray())];
        }
        finally
        {
            foreach (var process in processes)
            {
                if (!process.HasExited)
                    process.Kill();
                process.Dispose();
            }
        }
    }

    private static string Text(double number) => number.ToString("0", CultureInfo.InvariantCulture);
}

public sealed class ProcessesOnOneServer(OwnRedis server) : ProcessTests(server), IClassFixture<OwnRedis>;

public sealed class ProcessesOnACluster(ClusterRedis server) : ProcessTests(server);
