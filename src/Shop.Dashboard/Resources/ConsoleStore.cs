using System.Text.RegularExpressions;
using Shop.Dashboard.Protocol;
using Shop.Dashboard.Telemetry;

namespace Shop.Dashboard.Resources;

/// <summary>Which lines to show, oldest first.</summary>
/// <param name="Process">The name of one process, or of a resource with all of its replicas; null: all together.</param>
/// <param name="Text">Part of the line.</param>
/// <param name="Limit">The newest so many.</param>
/// <param name="Level">Lines of this level or above.</param>
/// <param name="TraceId">Only lines printed inside this trace, as <see cref="ConsoleLines"/> finds them.</param>
/// <param name="Until">The number of the last line to show: what came later stays out, so that an address goes on showing it.</param>
public sealed record ConsoleFilter(string? Process = null, string? Text = null, int Limit = 1_000, LogLevel Level = LogLevel.Trace, string? TraceId = null, long? Until = null)
{
    public bool Accepts(ConsoleLine line) =>
        LevelOf(line) >= Level && (Until is null || line.Number <= Until) && (Process is not { Length: > 0 } process || line.Process == process || IsReplica(line.Process, process))
        && (Text is not { Length: > 0 } text || line.Text.Contains(text, StringComparison.OrdinalIgnoreCase));

    /// <summary>As .NET's console begins its lines, and as Postgres writes them; what says nothing of it is information.</summary>
    public static LogLevel LevelOf(ConsoleLine line) => line.Text switch
    {
        var text when text.StartsWith("fail:", StringComparison.Ordinal) || text.StartsWith("crit:", StringComparison.Ordinal) || text.Contains(" ERROR: ", StringComparison.Ordinal) || text.Contains(" FATAL: ", StringComparison.Ordinal) || text.StartsWith("Unhandled exception", StringComparison.Ordinal) => LogLevel.Error,
        var text when text.StartsWith("warn:", StringComparison.Ordinal) || text.Contains(" WARNING: ", StringComparison.Ordinal) || text.Contains(" # WARNING ", StringComparison.Ordinal) => LogLevel.Warning,
        _ => LogLevel.Information,
    };

    /// <summary>What stands behind .NET's <c>info: Category[1] </c>, one line a message, as the engine has services print; null in other lines.</summary>
    public static string? MessageOf(ConsoleLine line) =>
        line.Text.IndexOf("] ", StringComparison.Ordinal) is > 6 and var end && line.Text.AsSpan(4, 2) is ": " && line.Text[(end + 2)..].Trim() is { Length: > 0 } message ? message : null;

    private static bool IsReplica(string process, string resource) =>
        process.Length > resource.Length + 1 && process.StartsWith(resource, StringComparison.Ordinal)
        && process[resource.Length] == '-' && process.AsSpan(resource.Length + 1).IndexOfAnyExceptInRange('0', '9') < 0;
}

/// <summary>Holds the newest lines that the processes printed; each process has a cap of its own, so that a chatty one leaves the others alone.</summary>
internal sealed partial class ConsoleStore(Changes changes, int capacityPerProcess = ConsoleStore.DefaultCapacity)
{
    public const int DefaultCapacity = 5_000;
    private const int MaxLength = 4_096;
    private const int MaxProcesses = 200;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Queue<ConsoleLine>> _lines = new(StringComparer.Ordinal);
    private long _last;

    public IReadOnlyList<string> Processes
    {
        get
        {
            lock (_gate)
                return [.. _lines.Keys.Order(StringComparer.Ordinal)];
        }
    }

    public void Add(IReadOnlyList<ConsoleLine> lines)
    {
        lock (_gate)
        {
            foreach (var line in lines)
            {
                if (line.Number <= _last)
                    continue; // heard before: the engine was asked again
                _last = line.Number;
                if (!_lines.TryGetValue(line.Process, out var queue))
                {
                    if (_lines.Count == MaxProcesses)
                        continue;
                    _lines.Add(line.Process, queue = new Queue<ConsoleLine>());
                }
                if (queue.Count == capacityPerProcess)
                    queue.Dequeue();
                queue.Enqueue(line with { Text = Clean(line.Text) });
            }
        }
        changes.Note(Changes.Console, lines.Count);
    }

    public IReadOnlyList<ConsoleLine> List(Func<ConsoleLine, bool> accepts, int limit)
    {
        lock (_gate)
            return [.. _lines.Values.SelectMany(static queue => queue).Where(accepts).OrderByDescending(static line => line.Number).Take(limit).Reverse()];
    }

    /// <summary>Without the sequences that colour a terminal.</summary>
    private static string Clean(string text)
    {
        var plain = text.Contains('\e', StringComparison.Ordinal) ? Escapes().Replace(text, "") : text;
        return plain.Length <= MaxLength ? plain : string.Concat(plain.AsSpan(0, MaxLength - 1), "…");
    }

    [GeneratedRegex("\e\\[[0-9;?]*[A-Za-z]", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Escapes();
}
