using Microsoft.Extensions.Logging;

namespace Shop.Redis.Locks;

/// <summary>
/// A held lock: renewed in the background until it is disposed, which releases it.
/// <para>
/// Redis grants the lock for its ttl; the handle prolongs it when a third of that has passed, and again until one of the
/// two thirds left is used up. What the handle believes is always shorter than what Redis does, because it counts the
/// ttl from before the call was sent and takes a margin off (<see cref="LockOptions.LostMargin"/>): so
/// <see cref="Lost"/> fires while Redis is unreachable or paused, before another can have the lock. What no lease can
/// catch is a holder that does not run: a paused process, or a machine asleep (the monotonic clock may stand still with
/// it), goes on for a moment when it wakes. That is what <see cref="FencingToken"/> is for: the store that is written to
/// refuses a token lower than one it has seen.
/// </para>
/// </summary>
public sealed class LockHandle : IAsyncDisposable
{
    private static readonly TimeSpan MaxRetryPause = TimeSpan.FromSeconds(1);

    private readonly LockAttempt _attempt;
    private readonly LockScripts _scripts;
    private readonly LockOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private readonly CancellationTokenSource _lost = new();
    private readonly long _acquired;
    private readonly Lock _gate = new();

    // Under _gate. The lease: counted from _sent, due for renewal after _renewAfter, lost after _lostAfter.
    private long _sent;
    private TimeSpan _renewAfter;
    private TimeSpan _lostAfter;
    private bool _renewing;
    private bool _ended;
    private bool _disposed;
    private Task _renewal = Task.CompletedTask;

    /// <summary>Begins to renew a lock whose lease of <paramref name="validFor"/> began at <paramref name="sent"/> or later.</summary>
    internal LockHandle(LockAttempt attempt, long token, long sent, TimeSpan validFor, LockScripts scripts, LockOptions options, TimeProvider clock, ILogger logger)
    {
        _attempt = attempt;
        _scripts = scripts;
        _options = options;
        _clock = clock;
        _logger = logger;
        FencingToken = token;
        Lost = _lost.Token;
        _acquired = clock.GetTimestamp();
        _timer = clock.CreateTimer(static handle => ((LockHandle)handle!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        lock (_gate)
        {
            Lease(sent, validFor);
            Schedule();
        }
    }

    /// <summary>What is locked.</summary>
    public string Resource => _attempt.Resource;

    /// <summary>
    /// Grows with each holder of the resource, across a wipe of Redis too. Send it along with every write that the lock
    /// protects, and let the store refuse a lower one than it has seen.
    /// </summary>
    public long FencingToken { get; }

    /// <summary>
    /// Cancelled when the lock is no longer certain: a renewal found another holder or none (a wipe, an operator), or the
    /// ttl, less its margin, passed without one that worked. It stays so. Not cancelled by <see cref="DisposeAsync"/>.
    /// </summary>
    public CancellationToken Lost { get; }

    /// <summary>This holder's name in <see cref="HeldLock.Owner"/>.</summary>
    public string Owner => _attempt.Owner;

    /// <summary>
    /// Stops renewing and releases the lock (one call), which hands it to the next waiter in the same step. Another's lock
    /// is left alone. Never throws for Redis: when it does not answer within <see cref="LockOptions.ReleaseTimeout"/>
    /// that is logged, and the lock ends with its ttl. May be called again.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        bool lost;
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = true;
            lost = _ended;
            _ended = true;
        }

        await _timer.DisposeAsync().ConfigureAwait(false);
        var heldFor = _clock.GetElapsedTime(_acquired);
        LockTelemetry.Held.Record(heldFor.TotalSeconds);
        var released = await _scripts.TryReleaseAsync(_attempt, leaveQueue: false, _renewal, _clock, _logger).ConfigureAwait(false);
        if (released == false && !lost)
            _logger.GoneAtRelease(Resource, FencingToken, heldFor);
        _lost.Dispose();
    }

    private void Lease(long sent, TimeSpan validFor)
    {
        _sent = sent;
        _renewAfter = validFor / 3;
        _lostAfter = validFor * (1 - _options.LostMargin);
    }

    // One timer for both: the next thing to happen is a renewal or, while one is under way, the loss.
    private void Schedule()
    {
        var due = (_renewing ? _lostAfter : Min(_renewAfter, _lostAfter)) - _clock.GetElapsedTime(_sent);
        _timer.Change(due > TimeSpan.Zero ? due : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            if (_ended)
                return;

            var elapsed = _clock.GetElapsedTime(_sent);
            if (elapsed < _lostAfter)
            {
                if (!_renewing && elapsed >= _renewAfter)
                {
                    _renewing = true;
                    _renewal = RenewAsync();
                }

                Schedule();
                return;
            }
        }

        Lose("no renewal worked in time");
    }

    private async Task RenewAsync()
    {
        // Off the timer's thread and out of its lock.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var sent = _clock.GetTimestamp();
        try
        {
            if (!await _scripts.RenewAsync(_attempt, FencingToken).ConfigureAwait(false))
            {
                Lose("another holds it, or it is gone from Redis");
                return;
            }

            lock (_gate)
                Lease(sent, _attempt.Ttl);
        }
        catch (Exception exception) when (LockScripts.IsFailure(exception))
        {
            _logger.RenewalFailed(Resource, FencingToken, exception);
            lock (_gate)
                _renewAfter = _clock.GetElapsedTime(_sent) + Min(_attempt.Ttl / 20, MaxRetryPause);
        }

        lock (_gate)
        {
            _renewing = false;
            if (!_ended)
                Schedule();
        }
    }

    private void Lose(string reason)
    {
        lock (_gate)
        {
            if (_ended)
                return;
            _ended = true;
        }

        LockTelemetry.Lost.Add(1);
        _logger.Lost(Resource, FencingToken, _clock.GetElapsedTime(_acquired), reason);
        try
        {
            _lost.Cancel();
        }
        catch (AggregateException exception)
        {
            _logger.LostCallbackFailed(Resource, FencingToken, exception);
        }
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
