using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Shop.Redis.RateLimiting;

/// <summary>Whether Redis is to be asked. Once it failed, one request at a time finds out whether it is back; the log gets one line for the beginning and one for the end.</summary>
internal sealed class RateLimitOutage(RateLimitOptions options, TimeProvider clock, ILogger logger)
{
    private const long Present = -1;

    // When to ask again, as a timestamp of the clock.
    private long _askAt = Present;

    public bool IsAway => Volatile.Read(ref _askAt) != Present;

    /// <summary>Whether an error is Redis's: it is away, slow, or refuses (loading, read-only, out of memory).</summary>
    public static bool IsFailure(Exception exception) => exception is RedisException or TimeoutException or ObjectDisposedException;

    /// <summary>Whether this request asks Redis.</summary>
    public bool MayAsk()
    {
        var askAt = Volatile.Read(ref _askAt);
        if (askAt == Present)
            return true;
        var now = clock.GetTimestamp();
        return now >= askAt && Interlocked.CompareExchange(ref _askAt, Later(now), askAt) == askAt;
    }

    public void Failed(Exception exception)
    {
        if (Interlocked.Exchange(ref _askAt, Later(clock.GetTimestamp())) != Present)
            return;
        logger.Away(options.WhenAway, exception.Message);
        RateLimitTelemetry.Fallback.Add(1);
    }

    /// <summary>Redis answered; true when it had been away.</summary>
    public bool Worked()
    {
        if (!IsAway || Interlocked.Exchange(ref _askAt, Present) == Present)
            return false;
        logger.Back();
        RateLimitTelemetry.Fallback.Add(-1);
        return true;
    }

    private long Later(long now) => Math.Max(0, now + (long)(options.RetryInterval.TotalSeconds * clock.TimestampFrequency));
}
