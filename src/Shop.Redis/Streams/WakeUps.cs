using StackExchange.Redis;

namespace Shop.Redis.Streams;

/// <summary>
/// Lets a reader sleep until a producer publishes. Blocking reads (XREADGROUP BLOCK) would stop every other command on the
/// shared connection; a published message wakes within a millisecond and costs nothing while nothing happens. Pub/Sub may lose a
/// message, so a sleep ends by itself after the poll interval too.
/// </summary>
internal sealed class WakeUps(ISubscriber subscriber, RedisChannel channel, TimeProvider clock) : IAsyncDisposable
{
    private readonly SemaphoreSlim _signal = new(0, 1);
    private bool _subscribed;

    public async Task SubscribeAsync()
    {
        if (_subscribed)
            return;
        await subscriber.SubscribeAsync(channel, OnMessage).ConfigureAwait(false);
        _subscribed = true;
    }

    /// <summary>Wakes the sleeper, or the next one.</summary>
    public void Signal()
    {
        lock (_signal)
        {
            if (_signal.CurrentCount == 0)
                _signal.Release();
        }
    }

    /// <summary>Sleeps until signalled, or for <paramref name="atMost"/>.</summary>
    public async Task SleepAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(atMost, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            await _signal.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // slept long enough: look, in case a message was lost
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_subscribed)
            return;
        try
        {
            await subscriber.UnsubscribeAsync(channel, OnMessage, CommandFlags.FireAndForget).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RedisException or ObjectDisposedException)
        {
            // the connection went first, and the subscription with it
        }
    }

    private void OnMessage(RedisChannel from, RedisValue message) => Signal();
}
