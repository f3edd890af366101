using System.Globalization;

namespace Shop.Redis.Locks;

/// <summary>Settings of <see cref="RedisLocks"/>; the defaults suit locks that are held for seconds.</summary>
public sealed class LockOptions
{
    /// <summary>
    /// Who this process is, as operators read it in <see cref="HeldLock.Owner"/>. Default: <c>machine/process id</c>.
    /// A random part is added, so two processes may share it.
    /// </summary>
    public string Owner { get; init; } = string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}/{Environment.ProcessId}");

    /// <summary>
    /// How long a waiter counts as alive without a sign of life. Default 3 s. It shows life three times as often (each
    /// such call is also the poll that covers a lost wake-up), so a shorter time finds dead waiters sooner and costs more
    /// calls: one per waiter and second at the default. At least 300 ms.
    /// </summary>
    public TimeSpan WaiterExpiry { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// The part of the ttl, at its end, in which the lock already counts as lost. Default 0.1: with a ttl of 30 s,
    /// <see cref="LockHandle.Lost"/> fires 27 s after the last renewal that worked was sent, which leaves the holder 3 s
    /// to stop (and covers clocks that tick differently). 0 leaves nothing; at most 0.5.
    /// </summary>
    public double LostMargin { get; init; } = 0.1;

    /// <summary>
    /// How long after its last holder a resource's fencing token is remembered. Default 10 min. Tokens are Redis's time
    /// in microseconds, so they grow without it; it keeps them growing when that clock is set back by no more than this.
    /// It costs about 150 bytes for each resource locked in that time. 0 remembers it only while the lock is held.
    /// </summary>
    public TimeSpan TokenMemory { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long <see cref="LockHandle.DisposeAsync"/> waits for Redis before it leaves the lock to expire. Default 1 s.</summary>
    public TimeSpan ReleaseTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Patience with a Redis that does not answer. Default 5 s. <see cref="RedisLocks.TryAcquireAsync"/> goes on asking
    /// whether it has the lock for this long after a first call failed (0: the failure is thrown), and a call of
    /// <see cref="RedisLocks.AcquireAsync"/> may outlast its wait by this much, because an answer that is under way may
    /// well be the lock. Each call also has the connection's own time-out.
    /// </summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Throws when a setting is out of range; <see cref="RedisLocks"/> calls it.</summary>
    /// <exception cref="ArgumentException">The message names the setting and its value.</exception>
    public void Validate()
    {
        if (string.IsNullOrWhiteSpace(Owner))
            throw new ArgumentException($"{nameof(Owner)} is '{Owner}': operators need a name for this process.");
        if (WaiterExpiry < TimeSpan.FromMilliseconds(300))
            throw new ArgumentException($"{nameof(WaiterExpiry)} is {WaiterExpiry}: at least 300 ms, or a short pause takes a waiter's place away.");
        if (LostMargin is not (>= 0 and <= 0.5))
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{nameof(LostMargin)} is {LostMargin}: it is a part of the ttl, 0 to 0.5 (renewal is due at a third)."));
        if (TokenMemory < TimeSpan.Zero || ReleaseTimeout <= TimeSpan.Zero || AnswerTimeout < TimeSpan.Zero)
            throw new ArgumentException($"{nameof(TokenMemory)} is {TokenMemory}, {nameof(ReleaseTimeout)} {ReleaseTimeout}, {nameof(AnswerTimeout)} {AnswerTimeout}: none may be negative, and releasing needs some time.");
    }
}
