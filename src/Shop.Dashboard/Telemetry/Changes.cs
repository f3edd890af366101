using System.Collections.Concurrent;

namespace Shop.Dashboard.Telemetry;

/// <summary>Counts what has come, by kind, so that an open page knows whether there is anything new for it.</summary>
internal sealed class Changes
{
    public const string Traces = "traces";
    public const string Logs = "logs";
    public const string Metrics = "metrics";
    public const string Resources = "resources";
    public const string Console = "console";

    private readonly ConcurrentDictionary<string, long> _counts = new(StringComparer.Ordinal);

    public void Note(string kind, int count = 1)
    {
        if (count > 0)
            _counts.AddOrUpdate(kind, count, (_, before) => before + count);
    }

    public long Of(string kind) => _counts.GetValueOrDefault(kind);
}
