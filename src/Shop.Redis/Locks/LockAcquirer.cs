using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Shop.Redis.Locks;

/// <summary>Gets a lock for one attempt: tries, waits, asks again when an answer was lost, and leaves nothing behind when it gives up.</summary>
internal sealed class LockAcquirer(LockScripts scripts, LockWakeUps wakeUps, LockOptions options, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MaxRetryPause = TimeSpan.FromSeconds(1);

    /// <summary>One try. A call that failed may have been carried out: asked again with the same owner, Redis says so.</summary>
    public async Task<LockHandle?> TryAsync(LockAttempt attempt, CancellationToken ct)
    {
        long? failed = null;
        try
        {
            while (true)
            {
                ct.ThrowIfCancellationRequested();
                var sent = clock.GetTimestamp();
                try
                {
                    var reply = await scripts.AcquireAsync(attempt, queue: false).WaitAsync(ct).ConfigureAwait(false);
                    return reply.Holder is null ? NewHandle(attempt, reply.Token, sent, attempt.Ttl) : null;
                }
                catch (Exception exception) when (LockScripts.MayPass(exception))
                {
                    failed ??= clock.GetTimestamp();
                    if (clock.GetElapsedTime(failed.Value) >= options.AnswerTimeout)
                        throw;
                    logger.AskingAgain(attempt.Resource, attempt.Owner, exception);
                    await Task.Delay(RetryPause, clock, ct).ConfigureAwait(false);
                }
            }
        }
        catch (Exception)
        {
            await GiveUpAsync(attempt).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Waits in the queue, from <paramref name="started"/> for no longer than <paramref name="wait"/>.</summary>
    public async Task<LockHandle> WaitAsync(LockAttempt attempt, TimeSpan wait, long started, CancellationToken ct)
    {
        var waiter = wakeUps.Register(attempt.Owner);
        var settled = false;
        var retryPause = RetryPause;
        try
        {
            while (true)
            {
                ct.ThrowIfCancellationRequested();
                var remaining = wait == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : wait - clock.GetElapsedTime(started);
                var last = remaining <= TimeSpan.Zero;
                var sent = clock.GetTimestamp();
                AcquireReply reply;
                try
                {
                    // Before the subscription stands, a grant would not be heard: the first contended call only asks.
                    reply = await scripts.AcquireAsync(attempt, queue: wakeUps.IsSubscribed && !last)
                        .WaitAsync(wait == Timeout.InfiniteTimeSpan ? wait : Max(remaining, TimeSpan.Zero) + options.AnswerTimeout, clock, ct).ConfigureAwait(false);
                }
                catch (Exception exception) when (LockScripts.MayPass(exception))
                {
                    if (wait != Timeout.InfiniteTimeSpan && clock.GetElapsedTime(started) >= wait)
                        throw new TimeoutException($"The lock '{attempt.Resource}' was not acquired within {wait}: Redis does not answer, so who holds it is unknown.", exception);
                    if (retryPause == RetryPause)
                        logger.AskingAgain(attempt.Resource, attempt.Owner, exception);
                    await Task.Delay(Min(retryPause, remaining), clock, ct).ConfigureAwait(false);
                    retryPause = Min(retryPause * 2, MaxRetryPause);
                    continue;
                }

                retryPause = RetryPause;

                if (reply.Holder is not { } holder)
                {
                    settled = true;
                    return NewHandle(attempt, reply.Token, sent, attempt.Ttl);
                }

                if (last)
                {
                    settled = true;
                    throw new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"The lock '{attempt.Resource}' was not free within {wait}: {holder.Owner} holds it for {holder.Age} (token {holder.FencingToken})."));
                }

                if (reply.Ticket == 0 && await TrySubscribeAsync(ct).ConfigureAwait(false))
                    continue;

                // Until the holder's ttl may have passed, but no longer than this waiter may go without a sign of life.
                var pause = Min(Min(attempt.Claim / 3, holder.ExpiresIn + TimeSpan.FromMilliseconds(1)), remaining);
                var grant = await waiter.WaitAsync(reply.Ticket, pause, clock, ct).ConfigureAwait(false);

                // The grant came after the call that said "queued" was sent, so its claim lasts at least this long. If the
                // message was late for that, the next call asks whether it still stands.
                if (grant is not null && clock.GetElapsedTime(sent) < attempt.Claim / 2)
                {
                    settled = true;
                    return NewHandle(attempt, grant.Token, sent, attempt.Claim);
                }
            }
        }
        finally
        {
            wakeUps.Remove(attempt.Owner);
            if (!settled)
                await GiveUpAsync(attempt).ConfigureAwait(false);
        }
    }

    private async Task<bool> TrySubscribeAsync(CancellationToken ct)
    {
        try
        {
            await wakeUps.SubscribeAsync().WaitAsync(ct).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (LockScripts.IsFailure(exception))
        {
            logger.SubscriptionFailed(wakeUps.Channel, exception);
            return false;
        }
    }

    private Task GiveUpAsync(LockAttempt attempt) =>
        scripts.TryReleaseAsync(attempt, leaveQueue: true, Task.CompletedTask, clock, logger);

    private LockHandle NewHandle(LockAttempt attempt, long token, long sent, TimeSpan validFor) =>
        new(attempt, token, sent, validFor, scripts, options, clock, logger);

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
