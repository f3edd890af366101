using Microsoft.Extensions.Logging;

namespace Shop.Redis.Sessions;

/// <summary>What somebody on call wants to know about sessions. No line carries a secret or its hash.</summary>
internal static partial class SessionLog
{
    [LoggerMessage(1, LogLevel.Warning, "Sessions are served from the vault, because Redis is doubted: {Reason}")]
    public static partial void Doubted(this ILogger logger, string reason);

    [LoggerMessage(2, LogLevel.Information, "Sessions are served from Redis again, after {Corrected} of them were put right there")]
    public static partial void Trusted(this ILogger logger, int corrected);

    [LoggerMessage(3, LogLevel.Error, "The vault did not say which sessions have changed, and is asked again with a growing pause: until it answers, sessions that ended elsewhere may live on here")]
    public static partial void SweepFailed(this ILogger logger, Exception exception);

    [LoggerMessage(4, LogLevel.Warning, "The use of {Sessions} sessions was not noted in the vault: they look unused for one more touch interval")]
    public static partial void TouchFailed(this ILogger logger, int sessions, Exception exception);

    [LoggerMessage(5, LogLevel.Information, "{Corrected} sessions in Redis were out of date: somebody died before Redis was told, or could not reach it")]
    public static partial void Corrected(this ILogger logger, int corrected);
}
