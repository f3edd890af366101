using Microsoft.Extensions.Logging;
using Shop.Redis.Streams;

namespace Shop.Redis.Jobs;

/// <summary>How one role of a worker bears Redis being away: it waits with a growing pause, and the log has one line for the beginning and one for the end.</summary>
internal sealed class JobOutage(string queue, TimeProvider clock, ILogger logger)
{
    private int _failures;

    /// <summary>Whether an error is Redis's, and passes when somebody mends it.</summary>
    public static bool IsAway(Exception exception) => RedisOutage.IsAway(exception);

    public void Worked()
    {
        if (Volatile.Read(ref _failures) != 0 && Interlocked.Exchange(ref _failures, 0) != 0)
            logger.RedisBack(queue);
    }

    /// <summary>Notes a failure and waits, at most for as long as <paramref name="giveUp"/> allows.</summary>
    public async Task FailedAsync(Exception exception, CancellationToken giveUp)
    {
        var failures = Interlocked.Increment(ref _failures);
        if (failures == 1)
            logger.RedisAway(queue, exception.Message);
        await Task.Delay(RedisOutage.PauseAfter(failures), clock, giveUp).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Runs a role again and again until told to stop.</summary>
    /// <param name="role">Does its work once and answers how long it may sleep.</param>
    /// <param name="sleep">How it sleeps.</param>
    /// <param name="stopping">Ends it.</param>
    public async Task RepeatAsync(Func<Task<TimeSpan>> role, Func<TimeSpan, CancellationToken, Task> sleep, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var pause = await role().ConfigureAwait(false);
                Worked();
                await sleep(pause, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception exception) when (IsAway(exception))
            {
                await FailedAsync(exception, stopping).ConfigureAwait(false);
            }
        }
    }
}
