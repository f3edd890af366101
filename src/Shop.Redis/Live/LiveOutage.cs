using Microsoft.Extensions.Logging;
using Shop.Redis.Streams;

namespace Shop.Redis.Live;

/// <summary>How the readers of one object bear Redis being away: thousands notice at once, and the log gets one line for the beginning and one for the end.</summary>
internal sealed class LiveOutage(ILogger logger)
{
    private int _away;

    /// <summary>Whether an error says that Redis cannot answer now, rather than that the question was wrong.</summary>
    public static bool IsAway(Exception exception) => exception is TimeoutException || RedisOutage.IsAway(exception);

    public void Failed(string name, Exception exception)
    {
        if (Interlocked.Exchange(ref _away, 1) == 0)
            logger.RedisAway(name, exception.Message);
    }

    public void Worked(string name)
    {
        if (Volatile.Read(ref _away) == 1 && Interlocked.Exchange(ref _away, 0) == 1)
            logger.RedisBack(name);
    }
}
