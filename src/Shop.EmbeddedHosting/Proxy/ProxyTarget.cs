namespace Shop.EmbeddedHosting.Proxy;

internal enum TargetState
{
    /// <summary>No process listens, or it has not been healthy since it started.</summary>
    Down,

    /// <summary>The process runs and was healthy, but does not answer as it should.</summary>
    Unhealthy,

    Healthy,
}

/// <summary>One replica behind an address.</summary>
internal sealed class ProxyTarget(int port)
{
    private volatile TargetState _state;
    private int _inFlight;

    /// <summary>The replica's own port; changes when it was taken while the replica was down.</summary>
    public int Port { get; set; } = port;

    public TargetState State { get => _state; set => _state = value; }

    /// <summary>Requests that it is working on.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    public void Enter() => Interlocked.Increment(ref _inFlight);

    public void Leave() => Interlocked.Decrement(ref _inFlight);
}
