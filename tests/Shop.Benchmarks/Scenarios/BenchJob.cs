using System.Text.Json.Serialization;
using Shop.Redis.Jobs;

namespace Shop.Benchmarks.Scenarios;

/// <summary>A job that does nothing.</summary>
internal sealed record BenchJob(string Order)
{
    public static readonly JobType<BenchJob> Type = new("bench", "bench", BenchJobJson.Default.BenchJob);
}

[JsonSerializable(typeof(BenchJob))]
internal sealed partial class BenchJobJson : JsonSerializerContext;

/// <summary>The same for Hangfire, which calls a public static method.</summary>
public static class HangfireWork
{
    private static long _done;

    public static long Done => Volatile.Read(ref _done);

    public static void Run(string order)
    {
        ArgumentNullException.ThrowIfNull(order);
        Interlocked.Increment(ref _done);
    }
}
