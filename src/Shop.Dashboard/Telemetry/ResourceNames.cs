using System.Collections.Concurrent;

namespace Shop.Dashboard.Telemetry;

/// <summary>
/// The resources that have sent something, numbered in the order in which they first did: the number picks a resource's
/// colour, so that neighbours differ, and it stays the same for as long as the dashboard runs.
/// </summary>
internal sealed class ResourceNames
{
    /// <summary>Names beyond this many are not listed: a sender that makes them up must not fill the memory.</summary>
    public const int Capacity = 200;

    private readonly ConcurrentDictionary<string, int> _numbers = new(StringComparer.Ordinal);

    public IEnumerable<string> All => _numbers.Keys.Order(StringComparer.Ordinal);

    public int NumberOf(string name) => _numbers.GetValueOrDefault(name, Capacity);

    /// <summary>Called by one thread only, the <see cref="TelemetryWriter"/>.</summary>
    public void Note(TelemetrySource source)
    {
        if (_numbers.Count < Capacity && !_numbers.ContainsKey(source.Name))
            _numbers[source.Name] = _numbers.Count;
    }
}
