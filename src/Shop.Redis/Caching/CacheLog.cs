using Microsoft.Extensions.Logging;

namespace Shop.Redis.Caching;

/// <summary>What somebody on call wants to know about the cache.</summary>
internal static partial class CacheLog
{
    [LoggerMessage(1, LogLevel.Warning, "The cache cannot hear of invalidations: {Reason}. Until it can, {WhileAway}")]
    public static partial void Deaf(this ILogger logger, string reason, CacheWhileAway whileAway);

    [LoggerMessage(2, LogLevel.Information, "The cache hears of invalidations, and begins afresh")]
    public static partial void Heard(this ILogger logger);

    [LoggerMessage(3, LogLevel.Warning, "{Names} keys and tags could not be invalidated, and wait for Redis: {Reason}")]
    public static partial void InvalidationsWait(this ILogger logger, int names, string reason);

    [LoggerMessage(4, LogLevel.Information, "{Names} keys and tags that waited for Redis are invalidated")]
    public static partial void InvalidationsSent(this ILogger logger, int names);

    [LoggerMessage(5, LogLevel.Warning, "{Names} keys and tags wait to be invalidated: too many to keep apart, so everything will be")]
    public static partial void TooManyWaiting(this ILogger logger, int names);

    [LoggerMessage(6, LogLevel.Error, "{Names} keys and tags were never invalidated: Redis was away until this process ended. Their entries may be old until they expire")]
    public static partial void InvalidationsLost(this ILogger logger, int names);
}
