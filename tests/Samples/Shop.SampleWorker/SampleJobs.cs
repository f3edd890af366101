using System.Text.Json.Serialization;
using Shop.Redis.Jobs;

namespace Shop.SampleWorker;

/// <summary>The job that this worker does, for the tests that enqueue it.</summary>
public static class SampleJobs
{
    /// <summary>The lease of every worker: short, so that deaths show soon.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(3);

    public static readonly JobType<Deed> Type = new("deed", "deeds", DeedJson.Default.Deed)
    {
        MaxAttempts = 3,
        Backoff = new JobBackoff { First = TimeSpan.FromMilliseconds(50), Longest = TimeSpan.FromMilliseconds(50) },
    };
}

/// <summary>What to do: <c>count</c>, <c>hang</c> (until told to stop, and then claim to be done) or <c>kill</c> (the own process).</summary>
/// <param name="What">One of these.</param>
/// <param name="Key">Where to write what happened.</param>
public sealed record Deed(string What, string Key);

[JsonSerializable(typeof(Deed))]
public sealed partial class DeedJson : JsonSerializerContext;
