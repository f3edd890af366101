using System.Collections.Concurrent;
using System.Globalization;
using StackExchange.Redis;

namespace Shop.Redis.Locks;

/// <summary>
/// Receives grants: one Pub/Sub channel for all waiters of one <see cref="RedisLocks"/>, subscribed at the first
/// contention and kept, so that waiting itself costs no subscription.
/// </summary>
internal sealed class LockWakeUps(IConnectionMultiplexer redis, string channel) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, LockWaiter> _waiters = new(StringComparer.Ordinal);
    private readonly RedisChannel _channel = RedisChannel.Literal(channel);
    private readonly Lock _gate = new();
    private Task? _subscription;
    private bool _disposed;

    public string Channel => channel;

    public bool IsSubscribed => Volatile.Read(ref _subscription) is { IsCompletedSuccessfully: true };

    /// <summary>Completes when Redis has confirmed the subscription; a failed one is tried anew by the next call.</summary>
    public Task SubscribeAsync()
    {
        lock (_gate)
        {
            if (_subscription is null or { IsFaulted: true } or { IsCanceled: true })
                _subscription = redis.GetSubscriber().SubscribeAsync(_channel, (_, message) => Receive(message));
            return _subscription;
        }
    }

    public LockWaiter Register(string owner)
    {
        var waiter = new LockWaiter();
        _waiters[owner] = waiter;
        if (Volatile.Read(ref _disposed))
            waiter.Stop();
        return waiter;
    }

    public void Remove(string owner) => _waiters.TryRemove(owner, out _);

    public async ValueTask DisposeAsync()
    {
        Volatile.Write(ref _disposed, true);
        foreach (var waiter in _waiters.Values)
            waiter.Stop();
        if (IsSubscribed)
            await redis.GetSubscriber().UnsubscribeAsync(_channel, flags: CommandFlags.FireAndForget).ConfigureAwait(false);
    }

    // "<owner> <ticket> <token>", as hand-over.lua publishes it.
    private void Receive(string? message)
    {
        if (message is null)
            return;

        var lastSpace = message.LastIndexOf(' ');
        var space = message.LastIndexOf(' ', lastSpace - 1);
        if (_waiters.TryGetValue(message[..space], out var waiter))
        {
            waiter.Grant(new LockGrant(
                long.Parse(message.AsSpan(space + 1, lastSpace - space - 1), CultureInfo.InvariantCulture),
                long.Parse(message.AsSpan(lastSpace + 1), CultureInfo.InvariantCulture)));
        }
    }
}
