using System.Globalization;

namespace Shop.Benchmarks.Harness;

/// <summary>
/// Processor seconds (user and system) of the processes that work for a side, as Linux counts them in <c>/proc/PID/stat</c>: those of
/// a process, of its living children (each of PostgreSQL's sessions is one), and of the children that it has buried.
/// </summary>
internal sealed class ProcessTimes
{
    private const double TicksPerSecond = 100; // USER_HZ: 100 on every Linux that .NET runs on
    private const int Parent = 1, UserTime = 11, SystemTime = 12, ChildrenUserTime = 13, ChildrenSystemTime = 14; // counted from the field behind the name

    private readonly Dictionary<string, int[]> _processes = new() { ["client"] = [Environment.ProcessId] };
    private readonly HashSet<string> _withChildren = [];

    /// <summary>Counts these under <paramref name="name"/> from now on.</summary>
    public void Watch(string name, int[] processIds, bool children = false)
    {
        _processes[name] = processIds;
        if (children)
            _withChildren.Add(name);
    }

    public void Forget(string name) => _processes.Remove(name);

    /// <summary>Seconds so far, by name.</summary>
    public IReadOnlyDictionary<string, double> Read() =>
        _processes.ToDictionary(named => named.Key, named => named.Value.Sum(id => Seconds(id, _withChildren.Contains(named.Key))));

    private static double Seconds(int id, bool children)
    {
        if (Stat(id) is not { } stat)
            return 0;
        var seconds = Of(stat, UserTime, SystemTime);
        return children ? seconds + Of(stat, ChildrenUserTime, ChildrenSystemTime) + Children(id).Sum(static child => Of(child, UserTime, SystemTime)) : seconds;
    }

    private static double Of(string[] stat, int user, int system) =>
        (long.Parse(stat[user], CultureInfo.InvariantCulture) + long.Parse(stat[system], CultureInfo.InvariantCulture)) / TicksPerSecond;

    private static IEnumerable<string[]> Children(int parent)
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) && Stat(id) is { } stat && stat[Parent] == parent.ToString(CultureInfo.InvariantCulture))
                yield return stat;
        }
    }

    private static string[]? Stat(int id)
    {
        try
        {
            var line = File.ReadAllText($"/proc/{id}/stat");
            return line[(line.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null; // it has ended
        }
    }
}
