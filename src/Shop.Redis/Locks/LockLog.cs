using Microsoft.Extensions.Logging;

namespace Shop.Redis.Locks;

/// <summary>What somebody on call wants to know about locks.</summary>
internal static partial class LockLog
{
    [LoggerMessage(1, LogLevel.Warning, "The lock '{Resource}' (token {Token}) is lost after {HeldFor}: {Reason}")]
    public static partial void Lost(this ILogger logger, string resource, long token, TimeSpan heldFor, string reason);

    [LoggerMessage(2, LogLevel.Warning, "The lock '{Resource}' (token {Token}) could not be renewed; it is tried again until the ttl has passed")]
    public static partial void RenewalFailed(this ILogger logger, string resource, long token, Exception exception);

    [LoggerMessage(3, LogLevel.Warning, "The lock '{Resource}' (owner {Owner}) could not be released; it ends with its ttl of {Ttl}")]
    public static partial void ReleaseFailed(this ILogger logger, string resource, string owner, TimeSpan ttl, Exception exception);

    [LoggerMessage(4, LogLevel.Warning, "The lock '{Resource}' (token {Token}) was no longer held when it was released after {HeldFor}")]
    public static partial void GoneAtRelease(this ILogger logger, string resource, long token, TimeSpan heldFor);

    [LoggerMessage(5, LogLevel.Warning, "No answer from Redis about the lock '{Resource}' (owner {Owner}); asking again who holds it")]
    public static partial void AskingAgain(this ILogger logger, string resource, string owner, Exception exception);

    [LoggerMessage(6, LogLevel.Error, "A callback on the Lost token of the lock '{Resource}' (token {Token}) failed")]
    public static partial void LostCallbackFailed(this ILogger logger, string resource, long token, Exception exception);

    [LoggerMessage(7, LogLevel.Warning, "Waiters for locks are not woken at once: subscribing to '{Channel}' failed, and they poll until it works")]
    public static partial void SubscriptionFailed(this ILogger logger, string channel, Exception exception);
}
