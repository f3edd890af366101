using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace ServiceDefaults;

/// <summary>
/// Names a command by what it does and to which tables, as OpenTelemetry's <c>db.query.summary</c> asks: "UPDATE stock INSERT
/// orders". The texts of a service are few, so each is read once; beyond <see cref="Capacity"/> (somebody builds SQL from
/// values) none is remembered. It needs no parser: what stands in parentheses, quotes and comments is skipped, and then the
/// first verb of each statement decides.
/// </summary>
internal static partial class SqlSummary
{
    private const int Capacity = 500;
    private const int MaxStatements = 3;

    private static readonly ConcurrentDictionary<string, string> Known = new(StringComparer.Ordinal);

    public static string Of(string sql)
    {
        if (Known.TryGetValue(sql, out var summary))
            return summary;
        summary = Summarise(sql);
        if (Known.Count < Capacity)
            Known.TryAdd(sql, summary);
        return summary;
    }

    /// <summary>Of the commands of a batch.</summary>
    public static string Of(IReadOnlyList<string> batch) => string.Join(' ', batch.Take(MaxStatements).Select(Of).Distinct(StringComparer.Ordinal));

    /// <summary>The verb of the first statement.</summary>
    public static string Operation(string summary) => summary.Split(' ', 2)[0];

    private static string Summarise(string sql)
    {
        var statements = Flatten(sql).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var parts = statements.Select(static statement => Verb().Match(statement)).Where(static match => match.Success)
            .Select(static match => $"{match.Groups["verb"].Value.ToUpperInvariant()} {match.Groups["table"].Value}".TrimEnd());
        return string.Join(' ', parts.Take(MaxStatements)) is { Length: > 0 } summary ? summary : "SQL";
    }

    /// <summary>The text without what stands in quotes, comments and parentheses; a function call keeps its "()", to be told from a table.</summary>
    private static string Flatten(string sql)
    {
        var bare = Ignored().Replace(sql, " ");
        var flat = new System.Text.StringBuilder(bare.Length);
        var depth = 0;
        foreach (var letter in bare)
        {
            var outside = letter switch
            {
                '(' => depth++ == 0,
                ')' => --depth == 0,
                _ => depth == 0,
            };
            if (outside)
                flat.Append(letter);
        }

        return flat.ToString();
    }

    [GeneratedRegex(@"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Ignored();

    [GeneratedRegex(@"\b(?<verb>INSERT)\s+INTO\s+(?<table>[\w.""]+)|\b(?<verb>UPDATE)\s+(ONLY\s+)?(?<table>[\w.""]+)|\b(?<verb>DELETE)\s+FROM\s+(?<table>[\w.""]+)|\b(?<verb>SELECT)\b(.*?\bFROM\s+(?<table>[\w.""]+)(?![\w.""]|\s*\())?|^(?<verb>CREATE|ALTER|DROP|TRUNCATE|CALL|COPY|LISTEN|NOTIFY|SET|BEGIN|COMMIT|ROLLBACK|DO)\b",
        RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Verb();
}
