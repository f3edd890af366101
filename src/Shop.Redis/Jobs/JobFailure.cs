using System.Text.Json;
using System.Text.Json.Serialization;

namespace Shop.Redis.Jobs;

/// <summary>A failed attempt as its history keeps it; <c>fail.lua</c> adds <c>endedAt</c>.</summary>
internal sealed record JobFailure(int Attempt, long StartedAt, string Worker, string Error, long EndedAt = 0)
{
    private const int MostError = 8 * 1024;

    /// <summary>One line of JSON without the end.</summary>
    public static byte[] Encode(int attempt, DateTimeOffset startedAt, string worker, string error)
    {
        if (error.Length > MostError)
            error = string.Concat(error.AsSpan(0, MostError), "…");
        return JsonSerializer.SerializeToUtf8Bytes(new JobFailure(attempt, startedAt.ToUnixTimeMilliseconds(), worker, error), JobFailureJson.Default.JobFailure);
    }

    /// <summary>The lines of a history.</summary>
    public static IReadOnlyList<JobAttempt> DecodeAll(string history) =>
    [
        .. history.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => JsonSerializer.Deserialize(line, JobFailureJson.Default.JobFailure)!)
            .Select(static failure => new JobAttempt(
                failure.Attempt, DateTimeOffset.FromUnixTimeMilliseconds(failure.StartedAt), DateTimeOffset.FromUnixTimeMilliseconds(failure.EndedAt), failure.Worker, failure.Error)),
    ];
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(JobFailure))]
internal sealed partial class JobFailureJson : JsonSerializerContext;
