using System.Text.Json.Serialization;
using Shop.Contracts;
using Shop.Redis.Jobs;

namespace Shop.Gaming.Seasons;

/// <summary>Close every season that has ended and is not closed: usually one, or none.</summary>
/// <param name="EndedBy">Those that ended no later than this.</param>
public sealed record CloseSeasons(DateTimeOffset EndedBy);

/// <summary>What a run closed.</summary>
/// <param name="Seasons">The seasons.</param>
/// <param name="Boards">How many boards were frozen.</param>
public sealed record ClosedSeasons(IReadOnlyList<string> Seasons, int Boards);

/// <summary>The jobs of the queue <see cref="Queues.Seasons"/>.</summary>
public static class SeasonJobs
{
    public static readonly JobType<CloseSeasons> Close = new("close-seasons", Queues.Seasons, SeasonJson.Default.CloseSeasons)
    {
        Timeout = TimeSpan.FromMinutes(30),
        KeepSucceeded = TimeSpan.FromDays(7),
    };

    /// <summary>One at a time: the schedule and the catch-up want the same.</summary>
    public static readonly JobOptions OneAtATime = new() { UniqueKey = "close" };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CloseSeasons))]
[JsonSerializable(typeof(ClosedSeasons))]
internal sealed partial class SeasonJson : JsonSerializerContext;
