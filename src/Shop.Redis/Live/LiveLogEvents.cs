using Microsoft.Extensions.Logging;

namespace Shop.Redis.Live;

/// <summary>What somebody on call wants to know about live logs.</summary>
internal static partial class LiveLogEvents
{
    [LoggerMessage(1, LogLevel.Warning, "Live: everybody waits for Redis. First noticed at '{Name}': {Reason}")]
    public static partial void RedisAway(this ILogger logger, string name, string reason);

    [LoggerMessage(2, LogLevel.Information, "Live: Redis is back. First noticed at '{Name}'")]
    public static partial void RedisBack(this ILogger logger, string name);

    [LoggerMessage(3, LogLevel.Error, "The history of the live log '{Log}' failed after item {After}; it is asked again")]
    public static partial void HistoryFailed(this ILogger logger, string log, long after, Exception exception);

    [LoggerMessage(4, LogLevel.Error, "The history of the live log '{Log}' has item {Found} where {Expected} should be: it must be ascending without gaps. Its readers wait")]
    public static partial void HistoryHasHole(this ILogger logger, string log, long expected, long found);

    [LoggerMessage(5, LogLevel.Warning, "The live log '{Log}' has item {Known}, but its history ends at {Reached}: readers wait for it (was it appended before it was committed?)")]
    public static partial void HistoryBehind(this ILogger logger, string log, long reached, long known);

    [LoggerMessage(6, LogLevel.Information, "The live log '{Log}' had items after {Tip} that were never pushed: its readers fetch them")]
    public static partial void Recovered(this ILogger logger, string log, LiveCursor tip);

    [LoggerMessage(7, LogLevel.Error, "A message on the channel of the live log '{Log}' is not one of its items: its readers read the stream instead")]
    public static partial void BadMessage(this ILogger logger, string log, Exception? exception);

    [LoggerMessage(8, LogLevel.Warning, "Looking for lost items of the live log '{Log}' after {Tip} failed: {Reason}. The next look comes after the usual interval")]
    public static partial void RecheckFailed(this ILogger logger, string log, LiveCursor tip, string reason);

    [LoggerMessage(9, LogLevel.Warning, "'{User}' could not leave the room '{Room}': {Reason}. The connection counts until its time to live has passed")]
    public static partial void LeaveFailed(this ILogger logger, string room, string user, string reason);
}
