using Microsoft.Extensions.Logging;

namespace Shop.Redis.Streams;

/// <summary>What the block tells somebody on call.</summary>
internal static partial class StreamLog
{
    [LoggerMessage(1, LogLevel.Information, "Consumer {Consumer} of group {Group} reads the stream {Stream}")]
    public static partial void Started(this ILogger logger, string stream, string group, string consumer);

    [LoggerMessage(2, LogLevel.Warning, "The group {Group} was missing on the stream {Stream} (a new system, or a wiped or replaced Redis); created it to read from {StartFrom}")]
    public static partial void GroupCreated(this ILogger logger, string stream, string group, string startFrom);

    [LoggerMessage(3, LogLevel.Warning, "Redis is away ({Error}); the group {Group} of the stream {Stream} waits for it")]
    public static partial void RedisAway(this ILogger logger, string stream, string group, string error);

    [LoggerMessage(4, LogLevel.Information, "Redis is back; the group {Group} of the stream {Stream} goes on")]
    public static partial void RedisBack(this ILogger logger, string stream, string group);

    [LoggerMessage(5, LogLevel.Warning, "Delivery {Attempt} of {Type} {EntryId} (key {Key}) to the group {Group} of the stream {Stream} failed; the next is in {Wait}")]
    public static partial void DeliveryFailed(this ILogger logger, Exception exception, string stream, string group, string entryId, string type, string key, int attempt, TimeSpan wait);

    [LoggerMessage(6, LogLevel.Error, "Moved the entry {EntryId} of the stream {Stream} to its dead letters, for the group {Group}: {Reason}")]
    public static partial void DeadLettered(this ILogger logger, Exception? exception, string stream, string group, string entryId, string reason);

    [LoggerMessage(7, LogLevel.Information, "Took {Count} entries of the stream {Stream} over from consumers of the group {Group} that show no life")]
    public static partial void TookOver(this ILogger logger, string stream, string group, int count);

    [LoggerMessage(8, LogLevel.Information, "Removed the consumer {Consumer} of the group {Group} from the stream {Stream}: silent, and nothing pending")]
    public static partial void ConsumerRemoved(this ILogger logger, string stream, string group, string consumer);

    [LoggerMessage(9, LogLevel.Error, "The group {AbsentGroup} of the stream {Stream} has had no living consumer for longer than {Grace}: entries that it has not read are trimmed from now on. Start its consumer, or destroy the group")]
    public static partial void GroupPastGrace(this ILogger logger, string stream, string absentGroup, TimeSpan grace);

    [LoggerMessage(10, LogLevel.Information, "Handed {Count} entries of the stream {Stream} back to the group {Group} at shutdown")]
    public static partial void HandedBack(this ILogger logger, string stream, string group, int count);

    [LoggerMessage(11, LogLevel.Warning, "Handlers of the group {Group} on the stream {Stream} still ran after {Timeout}; they are cancelled")]
    public static partial void DrainTimedOut(this ILogger logger, string stream, string group, TimeSpan timeout);
}
