namespace Shop.EmbeddedHosting.Engine;

/// <summary>
/// How long to wait before a crashed process is started again: not at all the first time, then 1 s, 2 s, 4 s … up to 30 s. A process
/// that has run well for five seconds starts from the beginning.
/// </summary>
internal sealed class RestartBackOff(TimeProvider clock)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Proven = TimeSpan.FromSeconds(5);
    private long? _healthySince;

    /// <summary>Crashes since the process last ran well.</summary>
    public int Crashes { get; private set; }

    /// <summary>The process has become able to work.</summary>
    public void Healthy() => _healthySince = clock.GetTimestamp();

    /// <summary>The process has ended; answers how long to wait.</summary>
    public TimeSpan Crashed()
    {
        if (_healthySince is { } since && clock.GetElapsedTime(since) >= Proven)
            Crashes = 0;
        _healthySince = null;
        Crashes++;
        return Crashes == 1 ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Min(Longest.TotalSeconds, Math.Pow(2, Math.Min(Crashes - 2, 10))));
    }
}
