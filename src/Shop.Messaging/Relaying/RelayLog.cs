using Microsoft.Extensions.Logging;

namespace Shop.Messaging.Relaying;

internal static partial class RelayLog
{
    [LoggerMessage(1, LogLevel.Warning, "Redis does not take events: they stay in the outbox until the sweeper finds it in order again")]
    public static partial void FastPathClosed(ILogger logger, Exception exception);

    [LoggerMessage(2, LogLevel.Information, "Redis is in order: the outbox relays events right after their commit")]
    public static partial void FastPathOpened(ILogger logger);

    [LoggerMessage(3, LogLevel.Warning, "The outbox could not be swept; trying again with growing pauses, silently until it works")]
    public static partial void SweepFailed(ILogger logger, Exception exception);

    [LoggerMessage(4, LogLevel.Information, "Swept {Events} events into their streams")]
    public static partial void Swept(ILogger logger, int events);

    [LoggerMessage(5, LogLevel.Warning, "Redis was wiped: appending all {Events} kept events again")]
    public static partial void RedisWasWiped(ILogger logger, int events);

    [LoggerMessage(6, LogLevel.Warning, "Redis was restarted or failed over (run id {Before} is now {Now}): appending {Missing} of the last {Looked} events again, whose entries are gone")]
    public static partial void RedisRestarted(ILogger logger, string before, string now, int missing, int looked);

    [LoggerMessage(7, LogLevel.Warning, "{Events} appended events could not be marked as published; the sweeper will repeat them")]
    public static partial void MarkingFailed(ILogger logger, int events, Exception exception);

    [LoggerMessage(8, LogLevel.Warning, "Rows past their retention could not be deleted; trying again in the next interval")]
    public static partial void TidyingFailed(ILogger logger, Exception exception);

    [LoggerMessage(9, LogLevel.Information, "Deleted {Events} published events and {Records} inbox records past their retention")]
    public static partial void Tidied(ILogger logger, long events, long records);
}
