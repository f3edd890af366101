using Microsoft.Extensions.Logging;

namespace Shop.Redis.Streams;

/// <summary>What the block tells somebody on call.</summary>
internal static partial class StreamLog
{
    [LoggerMessage(1, LogLevel.Information, "Consumer {Consumer} of group {Group} reads the stream {Stream}")]
    public static partial void Started(this ILogger logger, string stream, string group, string consumer);

    [LoggerMessage(2, LogLevel.Information, "Created the group {Group} on the stream {Stream}, to read from {StartFrom}")]
    public static partial void GroupCreated(this ILogger logger, string stream, string group, string startFrom);

    [LoggerMessage(3, LogLevel.Warning, "Redis is away ({Error}); the group {Group} of the stream {Stream} waits for it")]
    public static partial void RedisAway(this ILogger logger, string stream, string group, string error);

    [LoggerMessage(4, LogLevel.Information, "Redis is back; the group {Group} of the stream {Stream} goes on")]
    public static partial void RedisBack(this ILogger logger, string stream, string group);

    [LoggerMessage(5, LogLevel.Warning, "Delivery {Attempt} of {Type} {EntryId} (key {Key}) to the group {Group} of the stream {Stream} failed; the next is in {Wait}")]
    public static partial void DeliveryFailed(this ILogger logger, Exception exception, string stream, string group, string entryId, string type, string key, int attempt, TimeSpan wait);

    [LoggerMessage(6, LogLevel.Error, "Moved the entry {EntryId} of the stream {Stream} to its dead letters, for the group {Group}: {Reason}")]
    public static partial void DeadLettered(this ILogger logger, Exception? exception, string stream, string group, string entryId, string reason);

    [LoggerMessage(7, LogLevel.Information, "Took {Count} entries of the stream {Stream} over for the group {Group}: their consumers left or show no life, or a reply was lost")]
    public static partial void TookOver(this ILogger logger, string stream, string group, int count);

    [LoggerMessage(8, LogLevel.Information, "Removed the consumer {Consumer} of the group {Group} from the stream {Stream}: silent, and nothing pending")]
    public static partial void ConsumerRemoved(this ILogger logger, string stream, string group, string consumer);

    [LoggerMessage(9, LogLevel.Error, "The group {AbsentGroup} of the stream {Stream} has had no living consumer for longer than {Grace}: entries that it has not read are trimmed from now on. Start its consumer, or destroy the group")]
    public static partial void GroupPastGrace(this ILogger logger, string stream, string absentGroup, TimeSpan grace);

    [LoggerMessage(10, LogLevel.Information, "Handed {Count} entries of the stream {Stream} back to the group {Group} at shutdown")]
    public static partial void HandedBack(this ILogger logger, string stream, string group, int count);

    [LoggerMessage(11, LogLevel.Warning, "Handlers of the group {Group} on the stream {Stream} still ran after {Timeout}; they are cancelled")]
    public static partial void DrainTimedOut(this ILogger logger, string stream, string group, TimeSpan timeout);

    [LoggerMessage(12, LogLevel.Warning, "The group {Group} of the stream {Stream} was lost (Redis was wiped or replaced); created it again, to read everything that is there")]
    public static partial void GroupLost(this ILogger logger, string stream, string group);

    [LoggerMessage(13, LogLevel.Warning, "The lease of the consumer {Consumer} on the stream {Stream} ran out (a long pause, or Redis was away): it gives what it has not begun back to the group {Group}")]
    public static partial void SteppedBack(this ILogger logger, string stream, string group, string consumer);

    [LoggerMessage(14, LogLevel.Error, "Handlers of the group {Group} on the stream {Stream} ignore their cancellation; their messages are delivered again after {ClaimAfter}")]
    public static partial void HandlersAbandoned(this ILogger logger, string stream, string group, TimeSpan claimAfter);
}
