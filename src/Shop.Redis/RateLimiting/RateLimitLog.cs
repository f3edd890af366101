using Microsoft.Extensions.Logging;

namespace Shop.Redis.RateLimiting;

/// <summary>What somebody on call wants to know about rate limits.</summary>
internal static partial class RateLimitLog
{
    [LoggerMessage(1, LogLevel.Warning, "Redis does not decide rate limits, so the fallback '{Fallback}' does: {Reason}")]
    public static partial void Away(this ILogger logger, RateLimitFallback fallback, string reason);

    [LoggerMessage(2, LogLevel.Information, "Redis decides rate limits again")]
    public static partial void Back(this ILogger logger);
}
