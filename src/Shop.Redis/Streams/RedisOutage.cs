using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Shop.Redis.Streams;

/// <summary>How the loops of one consumer bear Redis being away: they wait with a growing pause, and the log has one line for the beginning and one for the end.</summary>
internal sealed class RedisOutage(string stream, string group, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private int _away;

    /// <summary>
    /// Whether an error is Redis's: it is away, or refuses (loading, read-only, out of memory, no permission, another type at
    /// the key). Either passes when somebody mends it, and until then a consumer can only wait.
    /// </summary>
    public static bool IsAway(Exception exception) => exception is RedisException or TimeoutException or ObjectDisposedException;

    /// <summary>Whether an error says that the group (or the whole stream) is not there.</summary>
    public static bool IsGroupMissing(Exception exception) =>
        exception is RedisServerException server
        && (server.Message.StartsWith("NOGROUP", StringComparison.Ordinal) || server.Message.Contains("no such key", StringComparison.OrdinalIgnoreCase));

    public void Failed(Exception exception)
    {
        if (Interlocked.Exchange(ref _away, 1) == 0)
            logger.RedisAway(stream, group, exception.Message);
    }

    public void Worked()
    {
        if (Volatile.Read(ref _away) == 1 && Interlocked.Exchange(ref _away, 0) == 1)
            logger.RedisBack(stream, group);
    }

    /// <summary>The pause after so many failures in a row, with jitter.</summary>
    public static TimeSpan PauseAfter(int failures)
    {
        var doubled = FirstPause * Math.Pow(2, Math.Min(failures - 1, 10));
        return (doubled < LongestPause ? doubled : LongestPause) * (0.8 + 0.4 * Random.Shared.NextDouble());
    }

    public Task PauseAsync(int failures, CancellationToken cancellationToken) => Task.Delay(PauseAfter(failures), clock, cancellationToken);

    /// <summary>Runs <paramref name="call"/> until Redis answers; false when given up. A group that is missing needs no answer.</summary>
    public async Task<bool> RetryAsync(Func<Task> call, CancellationToken giveUp)
    {
        for (var failures = 1; ; failures++)
        {
            if (giveUp.IsCancellationRequested)
                return false;
            try
            {
                await call().WaitAsync(giveUp).ConfigureAwait(false);
                Worked();
                return true;
            }
            catch (Exception exception) when (IsGroupMissing(exception))
            {
                return true;
            }
            catch (Exception exception) when (IsAway(exception))
            {
                Failed(exception);
                await PauseAsync(failures, giveUp).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (giveUp.IsCancellationRequested)
            {
                return false;
            }
        }
    }
}
