using System.Text.Json;
using System.Text.Json.Serialization;
using Shop.Redis.Jobs;
using Shop.Redis.Streams;

namespace Shop.Messaging.Jobs;

/// <summary>A job on its way through the outbox, as the data of an event whose id is the job's and whose type is its kind. All times are absolute, so that a job that comes again much later is due when it was.</summary>
/// <param name="Arguments">What its handler is told.</param>
internal sealed record OutboxJob(JsonElement Arguments)
{
    public JobPriority? Priority { get; init; }

    public DateTimeOffset? RunAt { get; init; }

    public string? UniqueKey { get; init; }

    public TimeSpan? UniqueFor { get; init; }

    public int? MaxAttempts { get; init; }

    public TimeSpan? Timeout { get; init; }

    public TimeSpan? KeepSucceeded { get; init; }

    public static string Stream(string queue) => $"jobs:{queue}";

    /// <summary>The event that carries a job.</summary>
    public static StreamMessage Encode(JobRequest request, string key, DateTimeOffset now, string? traceParent)
    {
        using var arguments = JsonDocument.Parse(request.Arguments);
        var job = new OutboxJob(arguments.RootElement)
        {
            Priority = request.Priority,
            RunAt = request.Delay is { } delay ? now + delay : request.RunAt,
            UniqueKey = request.UniqueKey,
            UniqueFor = request.UniqueFor == TimeSpan.Zero ? null : request.UniqueFor,
            MaxAttempts = request.MaxAttempts,
            Timeout = request.Timeout,
            KeepSucceeded = request.KeepSucceeded == TimeSpan.Zero ? null : request.KeepSucceeded,
        };
        return new StreamMessage(request.Id, request.Type, key, now, JsonSerializer.SerializeToUtf8Bytes(job, OutboxJobJson.Default.OutboxJob), traceParent);
    }

    /// <summary>The job that an event carries.</summary>
    /// <exception cref="JsonException">It carries none.</exception>
    public static JobRequest Decode(string queue, StreamMessage message)
    {
        var job = JsonSerializer.Deserialize(message.Data.Span, OutboxJobJson.Default.OutboxJob) ?? throw new JsonException($"The event {message.Id} carries no job.");
        var request = new JobRequest { Id = message.Id, Queue = queue, Type = message.Type, Arguments = JsonSerializer.SerializeToUtf8Bytes(job.Arguments, OutboxJobJson.Default.JsonElement) };
        return request with
        {
            Priority = job.Priority ?? request.Priority,
            RunAt = job.RunAt,
            UniqueKey = job.UniqueKey,
            UniqueFor = job.UniqueFor ?? request.UniqueFor,
            MaxAttempts = job.MaxAttempts ?? request.MaxAttempts,
            Timeout = job.Timeout ?? request.Timeout,
            KeepSucceeded = job.KeepSucceeded ?? request.KeepSucceeded,
        };
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(OutboxJob))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class OutboxJobJson : JsonSerializerContext;
