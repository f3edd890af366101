using System.Collections.Concurrent;

namespace Shop.Dashboard.Telemetry;

/// <summary>
/// The resources that there are, numbered in the order in which they were first heard of: the number picks a resource's colour,
/// so that neighbours differ, and it stays the same for as long as the dashboard runs.
/// </summary>
internal sealed class ResourceNames
{
    /// <summary>Names beyond this many are not listed: a sender that makes them up must not fill the memory.</summary>
    public const int Capacity = 200;

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _senders = new(StringComparer.Ordinal);

    /// <summary>Those that have sent telemetry.</summary>
    public IEnumerable<string> All => _senders.Keys.Order(StringComparer.Ordinal);

    /// <summary>Also of a replica, by its resource: <c>orders-1</c> is as <c>orders</c>.</summary>
    public int NumberOf(string name) =>
        _numbers.TryGetValue(name, out var number) ? number
        : name.LastIndexOf('-') is var dash and > 0 && _numbers.TryGetValue(name[..dash], out number) ? number
        : Capacity;

    /// <summary>It has sent something.</summary>
    public void Note(TelemetrySource source)
    {
        if (!_senders.ContainsKey(source.Name) && TryNumber(source.Name))
            _senders[source.Name] = true;
    }

    /// <summary>It is there, whether or not it sends anything.</summary>
    public void Note(string name) => TryNumber(name);

    private bool TryNumber(string name)
    {
        if (_numbers.ContainsKey(name))
            return true;
        lock (_gate)
            return _numbers.Count < Capacity && (_numbers.TryAdd(name, _numbers.Count) || _numbers.ContainsKey(name));
    }
}
