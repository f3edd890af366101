using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Shop.Redis.Live;

/// <summary>
/// One log in this process: its subscription, which parses each push once and hands it to all readers, and its keeper, which
/// looks for what no push has told: after the connection was away, and every re-check interval.
/// </summary>
internal sealed class LiveFeed<T>
{
    private readonly ISubscriber _subscriber;
    private readonly IConnectionMultiplexer _redis;
    private readonly LiveStore<T> _store;
    private readonly LiveLogOptions<T> _options;
    private readonly ILiveHistory<T>? _history;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly RedisChannel _channel;
    private readonly CancellationTokenSource _closing = new();
    private readonly SemaphoreSlim _restored = new(0, 1);
    private readonly Lock _wire;
    private readonly Lock _gate = new();
    private ImmutableArray<LiveBuffer<T>> _buffers = [];
    private Task<ChannelMessageQueue>? _subscription;
    private LiveCursor _tip;

    // The wire: held while a SUBSCRIBE or UNSUBSCRIBE is written: one of an old reader must not overtake one of a new reader.
    public LiveFeed(string log, Lock wire, IConnectionMultiplexer redis, LiveStore<T> store, LiveLogOptions<T> options, ILiveHistory<T>? history, TimeProvider clock, ILogger logger)
    {
        Log = log;
        _wire = wire;
        _redis = redis;
        _subscriber = redis.GetSubscriber();
        _store = store;
        _options = options;
        _history = history;
        _clock = clock;
        _logger = logger;
        _channel = store.ChannelOf(log);
        redis.ConnectionRestored += OnRestored;
        LiveTelemetry.Subscriptions.Add(1);
        Keeper = Task.Run(KeepAsync, CancellationToken.None);
    }

    public string Log { get; }

    /// <summary>The keeper's loop; ends with <see cref="Close"/>.</summary>
    public Task Keeper { get; }

    public void Add(LiveBuffer<T> buffer)
    {
        ImmutableInterlocked.Update(ref _buffers, static (all, one) => all.Add(one), buffer);
        LiveTelemetry.Readers.Add(1);
    }

    /// <summary>Whether this was the last reader.</summary>
    public bool Remove(LiveBuffer<T> buffer)
    {
        ImmutableInterlocked.Update(ref _buffers, static (all, one) => all.Remove(one), buffer);
        LiveTelemetry.Readers.Add(-1);
        return _buffers.IsEmpty;
    }

    /// <summary>Completes when Redis has confirmed the subscription; a failed one is tried anew by the next call.</summary>
    public Task SubscribeAsync()
    {
        lock (_gate)
        {
            if (_subscription is null or { IsFaulted: true } or { IsCanceled: true })
                _subscription = OpenAsync();
            return _subscription;
        }
    }

    /// <summary>A reader has delivered everything up to here.</summary>
    public void Reached(LiveCursor cursor)
    {
        lock (_gate)
        {
            if (cursor.Epoch != _tip.Epoch || cursor.Sequence > _tip.Sequence)
                _tip = cursor;
        }
    }

    public void Close()
    {
        _redis.ConnectionRestored -= OnRestored;
        _closing.Cancel();
        LiveTelemetry.Subscriptions.Add(-1);
        lock (_gate)
        {
            // One that is still under way sees the cancellation when it gets there.
            if (_subscription is { IsCompletedSuccessfully: true })
                Unsubscribe(_subscription.Result);
        }
    }

    private async Task<ChannelMessageQueue> OpenAsync()
    {
        ChannelMessageQueue queue;
        try
        {
            Task<ChannelMessageQueue> opening;
            lock (_wire)
                opening = _subscriber.SubscribeAsync(_channel);
            queue = await opening.ConfigureAwait(false);
        }
        catch
        {
            // The client keeps a queue that it never gave us: it would fill for ever once Redis is back.
            lock (_wire)
                _subscriber.Unsubscribe(_channel, flags: CommandFlags.FireAndForget);
            throw;
        }

        if (_closing.IsCancellationRequested)
            Unsubscribe(queue);
        else
            _ = PumpAsync(queue); // ends with the queue; its own errors go to the readers
        return queue;
    }

    // Leaves the command to the connection: what was registered in this process is gone when it returns.
    private void Unsubscribe(ChannelMessageQueue queue)
    {
        lock (_wire)
            queue.Unsubscribe(CommandFlags.FireAndForget);
    }

    private async Task PumpAsync(ChannelMessageQueue queue)
    {
        await foreach (var message in queue.ConfigureAwait(false))
        {
            if (TryRead(message.Message) is { } item)
            {
                Reached(item.Cursor);
                foreach (var buffer in _buffers)
                    buffer.Push(item);
            }
            else
            {
                InterruptReaders();
            }
        }

        // Unsubscribed, but not by us: another failed attempt on the same channel takes everything with it.
        if (!_closing.IsCancellationRequested)
            Reopen(queue);
    }

    private LiveItem<T>? TryRead(RedisValue message)
    {
        try
        {
            if (LiveCodec.TryReadPush(message, _options.Json, out var item))
                return item;
            _logger.BadMessage(Log, null);
        }
        catch (Exception exception)
        {
            // Readers meet it again in the stream, and hand it to their callers.
            _logger.BadMessage(Log, exception);
        }

        return null;
    }

    private void OnRestored(object? sender, ConnectionFailedEventArgs e)
    {
        lock (_restored)
        {
            if (_restored.CurrentCount == 0)
                _restored.Release();
        }
    }

    private async Task KeepAsync()
    {
        try
        {
            while (true)
            {
                if (await WaitForRestoreAsync(_options.RecheckInterval * (0.8 + 0.4 * Random.Shared.NextDouble())).ConfigureAwait(false))
                    await ResumeAsync().ConfigureAwait(false);
                else
                    await RecheckAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // the last reader has left
        }
    }

    private async Task<bool> WaitForRestoreAsync(TimeSpan atMost)
    {
        using var timer = new CancellationTokenSource(atMost, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, _closing.Token);
        try
        {
            await _restored.WaitAsync(either.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (!_closing.IsCancellationRequested)
        {
            return false;
        }
    }

    // The client has subscribed again by itself. A PING on that connection is answered after the SUBSCRIBE before it.
    private async Task ResumeAsync()
    {
        try
        {
            await _subscriber.PingAsync().WaitAsync(_closing.Token).ConfigureAwait(false);
            if (_subscriber.SubscribedEndpoint(_channel) is not null)
                InterruptReaders();
            else
                Reopen(null);
        }
        catch (Exception exception) when (LiveOutage.IsAway(exception))
        {
            Reopen(null); // away again: readers notice, and wait for it
        }
    }

    private async Task RecheckAsync()
    {
        LiveCursor tip;
        lock (_gate)
            tip = _tip;
        try
        {
            if (_history is null ? await _store.KeepAliveAsync(Log).WaitAsync(_closing.Token).ConfigureAwait(false) == tip : !await HasMoreAsync(_history, tip).ConfigureAwait(false))
                return;
            _logger.Recovered(Log, tip);
            InterruptReaders();
        }
        catch (Exception exception) when (!_closing.IsCancellationRequested)
        {
            _logger.RecheckFailed(Log, tip, exception.Message); // the next one may work
        }
    }

    private async Task<bool> HasMoreAsync(ILiveHistory<T> history, LiveCursor tip)
    {
        await foreach (var _ in history.ReadAsync(Log, tip.Sequence, _closing.Token).ConfigureAwait(false))
            return true;
        return false;
    }

    /// <summary>Makes the next reader subscribe anew, and all of them read again. Does nothing when <paramref name="lost"/> is not the current subscription.</summary>
    private void Reopen(ChannelMessageQueue? lost)
    {
        lock (_gate)
        {
            if (_subscription is not { IsCompletedSuccessfully: true } open)
            {
                if (lost is not null)
                    return;
            }
            else if (lost is null || ReferenceEquals(open.Result, lost))
            {
                _subscription = null;
                Unsubscribe(open.Result);
            }
            else
            {
                return;
            }
        }

        InterruptReaders();
    }

    private void InterruptReaders()
    {
        foreach (var buffer in _buffers)
            buffer.Interrupt();
    }
}
