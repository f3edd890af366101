namespace Shop.Redis.RateLimiting;

/// <summary>A limit in this process's memory: what the kinds in Lua do, with one process's share. Times are µs of the machine's monotonic clock.</summary>
/// <remarks>Not thread-safe: <see cref="LocalLimits"/> calls it under its lock.</remarks>
internal abstract class LocalLimit(int permits)
{
    public int Permits => permits;

    /// <summary>µs until <paramref name="wanted"/> permits are free; 0 when they are now.</summary>
    public abstract long Wait(long now, int wanted);

    public abstract int Free(long now);

    /// <summary>µs until one more is free; 0 when all are, and the limit may be forgotten.</summary>
    public abstract long More(long now);

    /// <summary>Takes them, or what there is.</summary>
    public abstract void Take(long now, int wanted);
}

internal sealed class LocalFixedWindow(int permits, TimeSpan window) : LocalLimit(permits)
{
    private readonly long _window = (long)window.TotalMicroseconds;
    private long _ends = long.MinValue;
    private int _taken;

    public override long Wait(long now, int wanted) => wanted <= Free(now) ? 0 : _ends - now;

    public override int Free(long now) => now < _ends ? Permits - _taken : Permits;

    public override long More(long now) => Free(now) < Permits ? _ends - now : 0;

    public override void Take(long now, int wanted)
    {
        if (now >= _ends)
            (_ends, _taken) = (now + _window, 0);
        _taken = Math.Min(_taken + wanted, Permits);
    }
}

internal sealed class LocalSlidingWindow(int permits, TimeSpan window) : LocalLimit(permits)
{
    private readonly long _window = (long)window.TotalMicroseconds;

    // The times of the permits taken within the last window, oldest first.
    private readonly List<long> _taken = [];

    public override long Wait(long now, int wanted)
    {
        var over = Drop(now).Count + wanted - Permits;
        return over <= 0 ? 0 : _taken[over - 1] + _window - now;
    }

    public override int Free(long now) => Permits - Drop(now).Count;

    public override long More(long now) => Drop(now).Count > 0 ? _taken[0] + _window - now : 0;

    public override void Take(long now, int wanted)
    {
        _taken.RemoveRange(0, Math.Max(0, Drop(now).Count + wanted - Permits));
        _taken.AddRange(Enumerable.Repeat(now, wanted));
    }

    private List<long> Drop(long now)
    {
        var left = _taken.FindIndex(time => time + _window > now);
        _taken.RemoveRange(0, left < 0 ? _taken.Count : left);
        return _taken;
    }
}

internal sealed class LocalTokenBucket(int permits, int tokens, TimeSpan period) : LocalLimit(permits)
{
    // In parts: a permit is as many as the period has µs, and a µs brings as many as there are tokens.
    private readonly Int128 _permit = (long)period.TotalMicroseconds;
    private Int128? _fullAt;

    public override long Wait(long now, int wanted) => Time(Missing(now) + (wanted * _permit) - (Permits * _permit));

    public override int Free(long now) => (int)(((Permits * _permit) - Missing(now)) / _permit);

    public override long More(long now) => Missing(now) is var missing && missing == 0 ? 0 : Time(((missing - 1) % _permit) + 1);

    public override void Take(long now, int wanted) =>
        _fullAt = ((Int128)now * tokens) + Int128.Min(Missing(now) + (wanted * _permit), Permits * _permit);

    private Int128 Missing(long now) => _fullAt is { } fullAt ? Int128.Max(0, fullAt - ((Int128)now * tokens)) : 0;

    private long Time(Int128 parts) => parts <= 0 ? 0 : (long)((parts + tokens - 1) / tokens);
}
