namespace Shop.EmbeddedHosting.Proxy;

/// <summary>A public port and the replicas that answer on it.</summary>
internal sealed class ProxyRoute(string resource, int port, IReadOnlyList<ProxyTarget> targets)
{
    private int _turn;

    public string Resource => resource;

    public int Port => port;

    /// <summary>
    /// The healthy replica with the fewest requests at work, in turn among equals; when none is healthy, one that was (it may just be
    /// slow to say so, and then it answers for itself); null when there is none either.
    /// </summary>
    /// <param name="not">Replicas that have already failed this request.</param>
    public ProxyTarget? Choose(IReadOnlyCollection<ProxyTarget> not) =>
        Choose(TargetState.Healthy, not) ?? Choose(TargetState.Unhealthy, not);

    private ProxyTarget? Choose(TargetState state, IReadOnlyCollection<ProxyTarget> not)
    {
        var turn = (uint)Interlocked.Increment(ref _turn);
        ProxyTarget? best = null;
        for (var i = 0; i < targets.Count; i++)
        {
            var target = targets[(int)((turn + (uint)i) % (uint)targets.Count)];
            if (target.State == state && !not.Contains(target) && (best is null || target.InFlight < best.InFlight))
                best = target;
        }

        return best;
    }
}
