using StackExchange.Redis;

namespace Shop.Redis;

/// <summary>
/// Whether a block believes what Redis says. It does not from the first error, time-out or lost connection on: behind any of them
/// may be a server that came back with less than it had, or news that did not get here. The block then makes sure, in a loop
/// that sleeps here, and settles the doubts that it knew of when it began.
/// </summary>
internal sealed class RedisTrust : IDisposable
{
    private readonly IConnectionMultiplexer _redis;
    private readonly TimeProvider _clock;
    private readonly Action<string> _doubted;
    private readonly SemaphoreSlim _signal = new(0, 1);
    private readonly Lock _gate = new();
    private long _doubts;
    private long _settled;

    /// <param name="redis">Its lost connections are doubts.</param>
    /// <param name="clock">For sleeping.</param>
    /// <param name="doubted">Told when trust ends, with the reason.</param>
    /// <param name="holds">False: the block has to make sure first.</param>
    public RedisTrust(IConnectionMultiplexer redis, TimeProvider clock, Action<string> doubted, bool holds = true)
    {
        (_redis, _clock, _doubted) = (redis, clock, doubted);
        _doubts = holds ? 0 : 1;
        redis.ConnectionFailed += OnConnectionFailed;
        redis.ConnectionRestored += OnConnectionRestored;
    }

    public bool Holds => Volatile.Read(ref _settled) == Volatile.Read(ref _doubts);

    /// <summary>The doubts until now, for <see cref="Settle"/>.</summary>
    public long Doubts => Volatile.Read(ref _doubts);

    public void Doubt(string reason)
    {
        lock (_gate)
        {
            var held = Holds;
            _doubts++;
            if (!held)
                return;
        }

        _doubted(reason);
        Wake();
    }

    /// <summary>The doubts up to <paramref name="doubts"/> are settled. False when there are others, which end the next sleep at once.</summary>
    public bool Settle(long doubts)
    {
        Volatile.Write(ref _settled, doubts);
        if (Holds)
            return true;
        Wake();
        return false;
    }

    /// <summary>Until the time has passed, trust has ended, or a connection is back.</summary>
    public async Task SleepAsync(TimeSpan atMost, CancellationToken ct)
    {
        if (atMost <= TimeSpan.Zero)
            return;
        using var timer = new CancellationTokenSource(atMost, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, ct);
        try
        {
            await _signal.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // slept long enough, or the owner stops
        }
    }

    public void Dispose()
    {
        _redis.ConnectionFailed -= OnConnectionFailed;
        _redis.ConnectionRestored -= OnConnectionRestored;
    }

    private void OnConnectionFailed(object? sender, ConnectionFailedEventArgs e) => Doubt($"the connection to {e.EndPoint} was lost ({e.FailureType})");

    private void OnConnectionRestored(object? sender, ConnectionFailedEventArgs e) => Wake();

    private void Wake()
    {
        lock (_gate)
        {
            if (_signal.CurrentCount == 0)
                _signal.Release();
        }
    }
}
