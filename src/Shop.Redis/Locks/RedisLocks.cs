using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Shop.Redis.Locks;

/// <summary>
/// Locks across machines, each with a fencing token. A lock is one key in Redis that expires; its holder renews it, and
/// gives it up with a script that deletes it only if it is still the holder's. Who finds it held joins a queue in Redis,
/// and the release itself grants the lock to the first in the queue and publishes that to the waiter's process: one hop
/// from the end of one critical section to the beginning of the next, in the order of arrival. A waiter shows life three
/// times in <see cref="LockOptions.WaiterExpiry"/>, which is also its poll for a lost message or a holder that died;
/// entries without life are skipped. Every attempt has an owner id of its own and asking twice changes nothing, so when
/// a reply is lost, the same question is asked again. Tokens are Redis's clock in microseconds, and at least one more
/// than the resource's last: they grow even when Redis is wiped or restarts empty. A lower token can appear only if the
/// clock is set back too: with a wipe by any amount (the new server's clock included), without one by more than
/// <see cref="LockOptions.TokenMemory"/>.
/// <para>
/// What a wipe costs: a lock that is held becomes free, and its holder learns it at the next renewal (after a third of
/// the ttl). So a lock saves work; that it is safe is up to the store that is written to, which refuses old tokens or
/// has a constraint. The same goes for a failover to a replica that had not heard of the lock. One Redis, not a quorum:
/// Redlock's majority does not lift the need for fencing (M. Kleppmann, "How to do distributed locking", 2016, from
/// where the tokens come too).
/// </para>
/// </summary>
/// <remarks>Thread-safe; one per process and prefix is enough. The connection stays the caller's.</remarks>
public sealed class RedisLocks : IAsyncDisposable
{
    private static readonly TimeSpan ShortestTtl = TimeSpan.FromMilliseconds(100);

    private readonly IConnectionMultiplexer _redis;
    private readonly LockOptions _options;
    private readonly TimeProvider _clock;
    private readonly LockKeys _keys;
    private readonly LockScripts _scripts;
    private readonly LockWakeUps _wakeUps;
    private readonly LockAcquirer _acquirer;
    private readonly string _instance;
    private long _attempts;

    /// <summary>Uses <paramref name="redis"/>, with <paramref name="keyPrefix"/> before every key.</summary>
    /// <param name="redis">The connection; subscribed to one channel once somebody has to wait.</param>
    /// <param name="keyPrefix">For example <c>shop:</c>. Processes that share locks share it.</param>
    /// <param name="options">Defaults when null.</param>
    /// <param name="clock">Drives renewal, loss and waiting; Redis's own clock decides what expires there.</param>
    /// <param name="logger">None when null.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public RedisLocks(IConnectionMultiplexer redis, string keyPrefix, LockOptions? options = null, TimeProvider? clock = null, ILogger<RedisLocks>? logger = null)
    {
        _redis = redis;
        _options = options ?? new LockOptions();
        _options.Validate();
        _clock = clock ?? TimeProvider.System;
        _keys = new LockKeys(keyPrefix);
        _scripts = new LockScripts(redis, _keys, _options);
        _instance = $"{_options.Owner}/{RandomNumberGenerator.GetHexString(16, lowercase: true)}";
        _wakeUps = new LockWakeUps(redis, _keys.Channels + _instance);
        _acquirer = new LockAcquirer(_scripts, _wakeUps, _options, _clock, logger ?? NullLogger<RedisLocks>.Instance);
    }

    /// <summary>Takes the lock if it is free now and nobody waits for it. One round trip.</summary>
    /// <param name="resource">What to lock, for example <c>payment:42</c>.</param>
    /// <param name="ttl">How long the lock outlives a holder that died. Renewed at a third of it. At least 100 ms.</param>
    /// <param name="ct">Gives the attempt up; a lock that was granted meanwhile is released.</param>
    /// <returns>The lock, or null: held by another.</returns>
    /// <exception cref="RedisException">Redis is away, and was still after <see cref="LockOptions.AnswerTimeout"/>. A lock that was granted without our knowing ends with its ttl.</exception>
    /// <exception cref="TimeoutException">As <see cref="RedisException"/>: Redis does not answer.</exception>
    public async Task<LockHandle?> TryAcquireAsync(string resource, TimeSpan ttl, CancellationToken ct = default)
    {
        var attempt = NewAttempt(resource, ttl);
        var started = _clock.GetTimestamp();
        using var activity = LockTelemetry.StartAcquire(resource);
        try
        {
            var handle = await _acquirer.TryAsync(attempt, ct).ConfigureAwait(false);
            LockTelemetry.Acquired(activity, handle, _clock.GetElapsedTime(started));
            return handle;
        }
        catch (Exception exception)
        {
            LockTelemetry.Failed(activity, exception, _clock.GetElapsedTime(started));
            throw;
        }
    }

    /// <summary>
    /// Takes the lock, waiting for it in the order of arrival. One round trip when it is free; else one to join the queue,
    /// and one per <see cref="LockOptions.WaiterExpiry"/> / 3 while waiting.
    /// </summary>
    /// <param name="resource">What to lock, for example <c>payment:42</c>.</param>
    /// <param name="ttl">How long the lock outlives a holder that died. Renewed at a third of it. At least 100 ms.</param>
    /// <param name="wait">How long to wait; zero for a single try, <see cref="Timeout.InfiniteTimeSpan"/> for ever. While Redis is away it is asked again until then.</param>
    /// <param name="ct">Leaves the queue; a lock that was granted meanwhile goes to the next.</param>
    /// <exception cref="TimeoutException">The lock was not to be had within <paramref name="wait"/>: names the resource, the wait and the holder.</exception>
    /// <exception cref="ObjectDisposedException">This object was disposed while waiting.</exception>
    public async Task<LockHandle> AcquireAsync(string resource, TimeSpan ttl, TimeSpan wait, CancellationToken ct = default)
    {
        if (wait < TimeSpan.Zero && wait != Timeout.InfiniteTimeSpan)
            throw new ArgumentOutOfRangeException(nameof(wait), wait, "A wait is zero, positive or infinite.");
        var attempt = NewAttempt(resource, ttl);
        var started = _clock.GetTimestamp();
        using var activity = LockTelemetry.StartAcquire(resource);
        try
        {
            var handle = await _acquirer.WaitAsync(attempt, wait, started, ct).ConfigureAwait(false);
            LockTelemetry.Acquired(activity, handle, _clock.GetElapsedTime(started));
            return handle;
        }
        catch (Exception exception)
        {
            LockTelemetry.Failed(activity, exception, _clock.GetElapsedTime(started));
            throw;
        }
    }

    /// <summary>Who holds <paramref name="resource"/>, since when and with which token; null when it is free. For operators and tests: the answer may be old when it arrives.</summary>
    public Task<HeldLock?> InspectAsync(string resource, CancellationToken ct = default)
    {
        LockKeys.Validate(resource);
        return _scripts.InspectAsync(resource).WaitAsync(ct);
    }

    /// <summary>All locks held under the prefix, in no order. Walks the whole key space of every primary (SCAN): for operators, not for programs.</summary>
    public async IAsyncEnumerable<HeldLock> ListAsync([EnumeratorCancellation] CancellationToken ct = default)
    {
        var database = _redis.GetDatabase().Database;
        foreach (var server in _redis.GetServers().Where(static server => server is { IsConnected: true, IsReplica: false }))
        {
            await foreach (var key in server.KeysAsync(database, _keys.Pattern, pageSize: 1000).WithCancellation(ct).ConfigureAwait(false))
            {
                if (await InspectAsync(_keys.ResourceOf(key!), ct).ConfigureAwait(false) is { } held)
                    yield return held;
            }
        }
    }

    /// <summary>Ends all waits (<see cref="ObjectDisposedException"/>) and the subscription. Handles live on until they are disposed.</summary>
    public ValueTask DisposeAsync() => _wakeUps.DisposeAsync();

    private LockAttempt NewAttempt(string resource, TimeSpan ttl)
    {
        LockKeys.Validate(resource);
        if (ttl < ShortestTtl)
            throw new ArgumentOutOfRangeException(nameof(ttl), ttl, "The ttl is at least 100 ms: it is renewed at a third of it.");
        var number = Interlocked.Increment(ref _attempts).ToString(CultureInfo.InvariantCulture);
        return new LockAttempt(resource, _keys.Of(resource), $"{_instance}#{number}", ttl, Min(ttl, _options.WaiterExpiry));
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
