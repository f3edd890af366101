namespace Shop.Redis.Locks;

/// <summary>A lock handed to the waiter that stood in the queue with this ticket.</summary>
internal sealed record LockGrant(long Ticket, long Token);

/// <summary>One waiting call: where the subscription puts its grant.</summary>
internal sealed class LockWaiter
{
    private readonly Lock _gate = new();
    private LockGrant? _grant;
    private TaskCompletionSource? _signal;
    private bool _stopped;

    /// <summary>Called from the subscription. A newer grant replaces one that was not taken: that one has run out.</summary>
    public void Grant(LockGrant grant)
    {
        lock (_gate)
            _grant = grant;
        Signal();
    }

    /// <summary>Ends the wait with <see cref="ObjectDisposedException"/>.</summary>
    public void Stop()
    {
        lock (_gate)
            _stopped = true;
        Signal();
    }

    /// <summary>The grant for <paramref name="ticket"/>, or null after <paramref name="pause"/>.</summary>
    public async Task<LockGrant?> WaitAsync(long ticket, TimeSpan pause, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var tick = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var delay = Task.Delay(pause, clock, tick.Token);
        while (true)
        {
            TaskCompletionSource signal;
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_stopped, typeof(RedisLocks));
                var grant = _grant;
                _grant = null;
                if (grant?.Ticket == ticket)
                {
                    tick.Cancel();
                    return grant;
                }

                signal = _signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            // WhenAny, not WaitAsync: the usual end of a wait should not cost an exception.
            if (await Task.WhenAny(signal.Task, delay).ConfigureAwait(false) == delay)
            {
                cancellationToken.ThrowIfCancellationRequested();
                return null;
            }
        }
    }

    private void Signal()
    {
        TaskCompletionSource? signal;
        lock (_gate)
        {
            signal = _signal;
            _signal = null;
        }

        signal?.TrySetResult();
    }
}
