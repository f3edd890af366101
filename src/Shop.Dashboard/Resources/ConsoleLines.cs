using Shop.Dashboard.Protocol;
using Shop.Dashboard.Telemetry;

namespace Shop.Dashboard.Resources;

/// <summary>
/// Finds printed lines. What .NET's console prints does not say its trace; but the same message has come as a structured record,
/// which does. So the lines of a trace are those that name it, and those that say what one of its records says, printed by the
/// same process at about the same time.
/// </summary>
internal sealed class ConsoleLines(ConsoleStore store, LogStore logs)
{
    /// <summary>Between the record's own time and the engine's reading of the line.</summary>
    private static readonly TimeSpan Apart = TimeSpan.FromSeconds(5);

    public IReadOnlyList<ConsoleLine> List(ConsoleFilter filter)
    {
        if (filter.TraceId is not { Length: > 0 } traceId)
            return store.List(filter.Accepts, filter.Limit);
        var records = logs.List(new LogFilter(TraceId: traceId, Limit: LogStore.DefaultCapacity));
        return store.List(line => filter.Accepts(line) && (line.Text.Contains(traceId, StringComparison.OrdinalIgnoreCase) || records.Any(record => IsPrinted(record, line))), filter.Limit);
    }

    private static bool IsPrinted(LogRecord record, ConsoleLine line) =>
        record.Source.Instance == line.Process && (record.Time - line.Time).Duration() <= Apart
        && ConsoleFilter.MessageOf(line) is { } message && Begins(message, OneLine(record.Message))
        && line.Text.Contains(record.Category, StringComparison.Ordinal);

    /// <summary>An exception follows its message, and a line that was too long ends with an ellipsis.</summary>
    private static bool Begins(string printed, string message) =>
        message.Length > 0 && (printed.StartsWith(message, StringComparison.Ordinal) || (printed[^1] == '…' && message.StartsWith(printed[..^1], StringComparison.Ordinal)));

    private static string OneLine(string message) => message.ReplaceLineEndings(" ").Trim();
}
