using System.Globalization;

namespace Shop.Redis.Sessions;

/// <summary>Settings of <see cref="RedisSessions"/>. The processes that share sessions share them.</summary>
public sealed class SessionOptions
{
    /// <summary>How long a session lives without being used. Default 14 days. At least twice <see cref="TouchInterval"/>, by which it may end early.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromDays(14);

    /// <summary>How long a session lives at most, however often it is used. Default 90 days. At least <see cref="IdleTimeout"/>.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(90);

    /// <summary>
    /// How often the use of a session is noted. Default 1 min: one row of a batched write per session in use and minute. Longer
    /// saves writes and makes <see cref="Session.LastSeenAt"/> coarser. 0 notes every request.
    /// </summary>
    public TimeSpan TouchInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long Redis keeps a session before it is read from the vault again. Default 15 min, ± 20 % so that what was filled
    /// together does not expire together. It is what any mishap is bounded by, behind <see cref="SweepInterval"/>. At least 1 s.
    /// </summary>
    public TimeSpan CacheLifetime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// How often each process compares Redis with what the vault says has changed lately. Default 10 s, ± 20 %; one short query.
    /// It bounds how long others can go on with a session whose revoker could not reach Redis, or died before it did.
    /// </summary>
    public TimeSpan SweepInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a request waits for Redis before it is served from the vault. Default 500 ms. From then on Redis is left alone, and
    /// nothing in it is believed, until a sweep has worked. Much shorter, and a hiccup sends everybody to the vault.
    /// </summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How large the fields of one session may be, names and values together, in bytes. Default 32 KiB: each request reads them.</summary>
    public int MaxFieldBytes { get; init; } = 32 * 1024;

    /// <summary>How long the vault keeps sessions that have ended. Default 7 days. At least a day, which no sweep looks back.</summary>
    public TimeSpan KeepEnded { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Throws when a setting is out of range; <see cref="RedisSessions"/> calls it.</summary>
    /// <exception cref="ArgumentException">The message names the setting and its value.</exception>
    public void Validate()
    {
        if (TouchInterval < TimeSpan.Zero || IdleTimeout <= TimeSpan.Zero || IdleTimeout < 2 * TouchInterval)
            throw new ArgumentException($"{nameof(IdleTimeout)} is {IdleTimeout} and {nameof(TouchInterval)} {TouchInterval}: neither is negative, and a session must outlive two touches.");
        if (MaxAge < IdleTimeout)
            throw new ArgumentException($"{nameof(MaxAge)} is {MaxAge} and {nameof(IdleTimeout)} {IdleTimeout}: a session cannot be idle for longer than it lives.");
        if (CacheLifetime < TimeSpan.FromSeconds(1) || CacheLifetime > TimeSpan.FromHours(12))
            throw new ArgumentException($"{nameof(CacheLifetime)} is {CacheLifetime}: 1 s to 12 h.");
        if (SweepInterval <= TimeSpan.Zero || SweepInterval > CacheLifetime)
            throw new ArgumentException($"{nameof(SweepInterval)} is {SweepInterval} and {nameof(CacheLifetime)} {CacheLifetime}: a sweep comes before what it corrects has expired.");
        if (Patience <= TimeSpan.Zero)
            throw new ArgumentException($"{nameof(Patience)} is {Patience}: Redis needs some time to answer.");
        if (MaxFieldBytes <= 0)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{nameof(MaxFieldBytes)} is {MaxFieldBytes}: positive."));
        if (KeepEnded < TimeSpan.FromDays(1))
            throw new ArgumentException($"{nameof(KeepEnded)} is {KeepEnded}: at least a day.");
    }
}
