namespace Shop.Redis.Live;

/// <summary>When a reader tries again what failed: after 50 ms, twice that with each failure in a row, at most 5 s, ± 20 %.</summary>
internal sealed class LiveBackOff(TimeProvider clock)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private long _since;
    private TimeSpan _pause;

    /// <summary>Failures in a row.</summary>
    public int Failures { get; private set; }

    /// <summary>How long to wait yet; not positive when it is time.</summary>
    public TimeSpan Left => _pause - clock.GetElapsedTime(_since);

    public void Fail()
    {
        var doubled = First * Math.Pow(2, Math.Min(Failures++, 10));
        _pause = (doubled < Longest ? doubled : Longest) * (0.8 + 0.4 * Random.Shared.NextDouble());
        _since = clock.GetTimestamp();
    }

    public void Succeed() => Failures = 0;
}
