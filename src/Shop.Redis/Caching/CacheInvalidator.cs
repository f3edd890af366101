using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Shop.Redis.Live;
using StackExchange.Redis;

namespace Shop.Redis.Caching;

/// <summary>
/// Tells every <see cref="RedisHybridCache"/> on the same Redis and prefix that something has changed. It keeps no cache itself:
/// for a service that writes what others read.
/// <para>
/// Each key and tag gets a fresh generation in Redis, and Pub/Sub takes the old one from every process that listens. What was
/// asked for while Redis was away is sent when it is back, and so is what was sent in the half minute before a connection
/// was lost, which a Redis that comes back with less than it had may have forgotten. The queue is this process's memory: a crash
/// loses it, and then entries live on for up to <see cref="CacheOptions.Expiration"/>. Where that is too long, announce
/// the change by an event that is written with it, and let its consumer invalidate (<see cref="CacheInvalidation.Change"/>).
/// </para>
/// </summary>
/// <remarks>Thread-safe; one per process and prefix is enough. The connection stays the caller's.</remarks>
public sealed class CacheInvalidator : IAsyncDisposable
{
    private static readonly RedisScript Invalidate = RedisScript.Load<CacheInvalidator>("invalidate.lua");
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LastTry = TimeSpan.FromSeconds(2);
    private const int MaxWaiting = 10_000;
    private const int LongestChange = 100;

    private readonly IDatabase _database;
    private readonly CacheKeys _keys;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly RedisTrust _trust;
    private readonly LiveBackOff _backOff;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _signal = new(0);
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _loop;
    private readonly Queue<(string Name, string Change, long SentAt)> _sent = [];
    private Dictionary<string, string> _waiting = new(StringComparer.Ordinal);
    private TaskCompletionSource<bool> _next = NewBatch();
    private bool _lost;
    private Task<bool>? _sending;

    /// <summary>Uses <paramref name="redis"/>, with <paramref name="keyPrefix"/> before every key.</summary>
    /// <param name="redis">The connection.</param>
    /// <param name="keyPrefix">That of the caches to tell.</param>
    /// <param name="patience">How long <see cref="InvalidateAsync"/> waits for Redis. Default 500 ms; it is sent all the same.</param>
    /// <param name="clock">For waiting.</param>
    /// <param name="logger">None when null.</param>
    public CacheInvalidator(IConnectionMultiplexer redis, string keyPrefix, TimeSpan? patience = null, TimeProvider? clock = null, ILogger<CacheInvalidator>? logger = null)
        : this(redis, new CacheKeys(keyPrefix), patience ?? TimeSpan.FromMilliseconds(500), clock ?? TimeProvider.System, logger ?? NullLogger<CacheInvalidator>.Instance)
    {
    }

    internal CacheInvalidator(IConnectionMultiplexer redis, CacheKeys keys, TimeSpan patience, TimeProvider clock, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(redis);
        if (patience <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(patience), patience, "Redis needs some time to answer.");
        _database = redis.GetDatabase();
        _keys = keys;
        _patience = patience;
        _clock = clock;
        _logger = logger;
        _backOff = new LiveBackOff(clock);
        _trust = new RedisTrust(redis, clock, _ => Resend());
        _loop = Task.Run(SendAsync, CancellationToken.None);
    }

    /// <summary>Completes when what was asked for until now has reached Redis: true, or could not: false.</summary>
    internal Task<bool> SentAsync()
    {
        lock (_gate)
            return _waiting.Count > 0 ? _next.Task : _sending ?? Task.FromResult(true);
    }

    /// <summary>
    /// Invalidates, and returns when Redis has taken it: a read that begins after that, on a process that has heard of it, loads
    /// anew. One script per key and tag, sent together with those of other callers.
    /// </summary>
    /// <param name="invalidation">What has changed.</param>
    /// <param name="ct">Stops waiting; it is sent all the same.</param>
    /// <returns>False when Redis did not answer in time: it is sent when it is back.</returns>
    /// <exception cref="ArgumentException">A key or tag is empty, longer than 500 characters, or contains a brace or a control character.</exception>
    public async Task<bool> InvalidateAsync(CacheInvalidation invalidation, CancellationToken ct = default)
    {
        using var activity = CacheTelemetry.StartInvalidate(invalidation);
        var sent = Enqueue(invalidation);
        try
        {
            if (await sent.WaitAsync(_patience, _clock, ct).ConfigureAwait(false))
                return true;
        }
        catch (TimeoutException)
        {
            // as good as an error: it stays in the queue
        }

        activity?.SetStatus(ActivityStatusCode.Error, "Redis does not answer; it is sent later");
        return false;
    }

    /// <summary>As <see cref="InvalidateAsync"/>, without waiting: for a caller that Redis must not hold up.</summary>
    /// <param name="invalidation">What has changed.</param>
    /// <exception cref="ArgumentException">As for <see cref="InvalidateAsync"/>.</exception>
    public void Post(CacheInvalidation invalidation)
    {
        using var activity = CacheTelemetry.StartInvalidate(invalidation);
        _ = Enqueue(invalidation);
    }

    /// <summary>Sends what is still to be sent, unless Redis is away: then it is lost, and the log says how much.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_closing.IsCancellationRequested)
            return;
        _trust.Dispose();
        await _closing.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        int lost;
        lock (_gate)
            lost = _waiting.Count;
        if (lost > 0)
            _logger.InvalidationsLost(lost);
    }

    private static TaskCompletionSource<bool> NewBatch() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Task<bool> Enqueue(CacheInvalidation invalidation)
    {
        ArgumentNullException.ThrowIfNull(invalidation);
        if (invalidation.Change is { Length: 0 or > LongestChange })
            throw new ArgumentException($"The change '{invalidation.Change}' has {invalidation.Change.Length} characters: 1 to {LongestChange}.", nameof(invalidation));
        foreach (var key in invalidation.Keys)
            CacheKeys.Validate(key, "key");
        foreach (var tag in invalidation.Tags)
            CacheKeys.Validate(tag, "tag");

        var change = invalidation.Change ?? CacheGenerations.Fresh();
        lock (_gate)
        {
            foreach (var key in invalidation.Keys)
                _waiting[CacheName.OfKey(key)] = change;
            foreach (var tag in invalidation.Tags)
                _waiting[CacheName.OfTag(tag)] = change;
            Compress();
            _signal.Release();
            return _next.Task;
        }
    }

    // Thousands of names that nobody can send: one that covers them all.
    private void Compress()
    {
        if (_waiting.Count <= MaxWaiting)
            return;
        _logger.TooManyWaiting(_waiting.Count);
        _waiting.Clear();
        _waiting[CacheName.Everything] = CacheGenerations.Fresh();
    }

    /// <summary>After a lost connection: what Redis may have forgotten is sent again. What it has not, it does not do twice.</summary>
    private void Resend()
    {
        lock (_gate)
        {
            _lost = true;
            _signal.Release();
        }
    }

    private async Task SendAsync()
    {
        while (true)
        {
            await _signal.WaitAsync(_closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (_signal.Wait(0, CancellationToken.None))
            {
                // one batch for all
            }

            var (batch, done, doubts) = TakeBatch();
            var sent = batch.Count == 0 || await TrySendAsync(batch).ConfigureAwait(false);
            EndBatch(batch, doubts, sent);
            done.TrySetResult(sent);
            if (!sent)
                await _trust.SleepAsync(_backOff.Left, _closing.Token).ConfigureAwait(false);
            if (_closing.IsCancellationRequested)
                return;
        }
    }

    private (Dictionary<string, string> Batch, TaskCompletionSource<bool> Done, long Doubts) TakeBatch()
    {
        lock (_gate)
        {
            var now = _clock.GetTimestamp();
            while (_sent.TryPeek(out var oldest) && _clock.GetElapsedTime(oldest.SentAt, now) > Remembered)
                _sent.Dequeue();
            if (_lost)
            {
                _lost = false;
                foreach (var (name, change, _) in _sent.Reverse())
                    _waiting.TryAdd(name, change);
                _sent.Clear();
                Compress();
            }

            var batch = (_waiting, _next, _trust.Doubts);
            _sending = _next.Task;
            (_waiting, _next) = (new Dictionary<string, string>(StringComparer.Ordinal), NewBatch());
            return batch;
        }
    }

    private void EndBatch(Dictionary<string, string> batch, long doubts, bool sent)
    {
        lock (_gate)
        {
            _sending = null;
            if (!sent)
            {
                foreach (var (name, change) in batch)
                    _waiting.TryAdd(name, change);
                Compress();
                _signal.Release();
            }
        }

        if (sent)
            _trust.Settle(doubts);
        else
            _backOff.Fail();
    }

    private async Task<bool> TrySendAsync(Dictionary<string, string> batch)
    {
        try
        {
            var sending = Task.WhenAll(batch.Select(item => Invalidate.EvaluateAsync(_database, [_keys.Generation(item.Key)],
                [CacheGenerations.Fresh(), item.Value, (long)CacheKeys.GenerationExpiry.TotalMilliseconds, _keys.News, item.Key])));
            await sending.WaitAsync(LastTry, _clock).ConfigureAwait(false);
        }
        catch (Exception exception) when (LiveOutage.IsAway(exception))
        {
            if (_backOff.Failures == 0)
                _logger.InvalidationsWait(batch.Count, exception.Message);
            return false;
        }

        if (_backOff.Failures > 0)
            _logger.InvalidationsSent(batch.Count);
        _backOff.Succeed();
        CacheTelemetry.Invalidated(batch.Count);
        lock (_gate)
        {
            foreach (var (name, change) in batch)
                _sent.Enqueue((name, change, _clock.GetTimestamp()));
            while (_sent.Count > MaxWaiting)
                _sent.Dequeue();
        }

        return true;
    }
}
