namespace Shop.Messaging.Relaying;

/// <summary>
/// Whether this process believes that Redis is there and holds what it was given. While it is closed, nothing is offered
/// to the fast path, and rows stay in the table. Only the sweeper opens it, after it has seen for itself; afterwards it
/// sweeps everything that was committed in the meantime.
/// </summary>
internal sealed class StreamGate
{
    private int _open;
    private TaskCompletionSource _nudge = NewNudge();

    public bool IsOpen => Volatile.Read(ref _open) == 1;

    /// <summary>True when this call opened it.</summary>
    public bool Open() => Interlocked.Exchange(ref _open, 1) == 0;

    /// <summary>Closes it and wakes the sweeper. True when this call closed it.</summary>
    public bool Close()
    {
        if (Interlocked.Exchange(ref _open, 0) == 0)
            return false;

        Nudge();
        return true;
    }

    /// <summary>Ends the sweeper's pause.</summary>
    public void Nudge() => Volatile.Read(ref _nudge).TrySetResult();

    /// <summary>Returns after <paramref name="pause"/>, or at the next <see cref="Nudge"/>. For the sweeper alone.</summary>
    public async Task WaitAsync(TimeSpan pause, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(_nudge.Task, Task.Delay(pause, clock, ended.Token)).ConfigureAwait(false);
        await ended.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        if (_nudge.Task.IsCompleted)
            Volatile.Write(ref _nudge, NewNudge());
    }

    private static TaskCompletionSource NewNudge() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
