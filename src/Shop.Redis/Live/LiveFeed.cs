using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Shop.Redis.Live;

/// <summary>
/// One log in this process: its subscription, whose pushes go to all readers, and its keeper, which looks for what no push has
/// told: after the connection was away, and every re-check interval.
/// </summary>
internal sealed class LiveFeed<T>
{
    private readonly IConnectionMultiplexer _redis;
    private readonly LiveStore<T> _store;
    private readonly LiveLogOptions<T> _options;
    private readonly ILiveHistory<T>? _history;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly LiveSubscription<T> _subscription;
    private readonly CancellationTokenSource _closing = new();
    private readonly SemaphoreSlim _restored = new(0, 1);
    private readonly Lock _gate = new();
    private ImmutableArray<LiveBuffer<T>> _buffers = [];
    private LiveCursor _tip;

    public LiveFeed(string log, Lock wire, IConnectionMultiplexer redis, LiveStore<T> store, LiveLogOptions<T> options, ILiveHistory<T>? history, TimeProvider clock, ILogger logger)
    {
        Log = log;
        _redis = redis;
        _store = store;
        _options = options;
        _history = history;
        _clock = clock;
        _logger = logger;
        _subscription = new LiveSubscription<T>(log, store.ChannelOf(log), redis.GetSubscriber(), wire, options.Json, Push, InterruptReaders, logger);
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
    public Task SubscribeAsync() => _subscription.OpenAsync();

    /// <summary>Somebody knows of everything up to here.</summary>
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
        _subscription.Close();
        LiveTelemetry.Subscriptions.Add(-1);
    }

    private void Push(LiveItem<T> item)
    {
        Reached(item.Cursor);
        foreach (var buffer in _buffers)
            buffer.Push(item);
    }

    private void InterruptReaders()
    {
        foreach (var buffer in _buffers)
            buffer.Interrupt();
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
                    await _subscription.ResumeAsync(_closing.Token).ConfigureAwait(false);
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

    private async Task RecheckAsync()
    {
        LiveCursor tip;
        lock (_gate)
            tip = _tip;
        try
        {
            var missed = _history is null
                ? await _store.KeepAliveAsync(Log).WaitAsync(_closing.Token).ConfigureAwait(false) != tip
                : await HasMoreAsync(_history, tip).ConfigureAwait(false);
            if (!missed)
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
}
