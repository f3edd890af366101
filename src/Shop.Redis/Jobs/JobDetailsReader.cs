using System.Globalization;
using System.Text;
using StackExchange.Redis;

namespace Shop.Redis.Jobs;

/// <summary>Reads what <c>look.lua</c> describes.</summary>
internal static class JobDetailsReader
{
    public static JobDetails Read(string queue, RedisValue[] described)
    {
        var record = JobRecord.Decode((ReadOnlyMemory<byte>)described[1]);
        var worker = Text(described[8]);
        var state = record.State switch
        {
            's' => JobState.Scheduled,
            'q' => worker is null ? JobState.Queued : JobState.Running,
            'z' => JobState.Succeeded,
            'd' => JobState.Dead,
            _ => JobState.Cancelled,
        };
        DateTimeOffset? place = record.State == 'q' ? null : Time(Encoding.ASCII.GetString(record.Place.Span));
        return new JobDetails
        {
            Id = Guid.Parse(described[0].ToString()),
            Queue = queue,
            Type = record.Type,
            State = state,
            Priority = record.Priority,
            Attempt = record.Attempt,
            MaxAttempts = record.MaxAttempts,
            EnqueuedAt = record.EnqueuedAt,
            DueAt = state == JobState.Scheduled ? place : null,
            StartedAt = Time(Text(described[7])),
            FinishedAt = state is JobState.Scheduled ? null : place,
            ExpiresAt = Time(Text(described[6])),
            Tick = record.Tick,
            Worker = worker,
            CancelReason = Text(described[5]),
            UniqueKey = record.UniqueKey,
            Progress = Progress(Text(described[3])),
            FailedAttempts = JobFailure.DecodeAll(described[2].ToString()),
            Arguments = Encoding.UTF8.GetString(record.Arguments.Span),
            Result = Text(described[4]),
            TraceParent = record.TraceParent,
        };
    }

    /// <summary>"at percent message".</summary>
    private static JobProgress? Progress(string? text) => text?.Split(' ', 3) is [var at, var percent, var message]
        ? new JobProgress(double.Parse(percent, CultureInfo.InvariantCulture), message.Length > 0 ? message : null, Time(at)!.Value)
        : null;

    private static DateTimeOffset? Time(string? milliseconds) => milliseconds is null ? null : DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(milliseconds, NumberStyles.Float, CultureInfo.InvariantCulture));

    private static string? Text(RedisValue value) => value.IsNullOrEmpty ? null : value.ToString();
}
