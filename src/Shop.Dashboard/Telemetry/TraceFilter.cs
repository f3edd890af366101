using System.Diagnostics.CodeAnalysis;

namespace Shop.Dashboard.Telemetry;

/// <summary>Which traces to list, newest first.</summary>
public sealed record TraceFilter
{
    /// <summary>Part of a span's name or of an attribute's value, or the beginning of a trace id.</summary>
    public string? Text { get; init; }

    /// <summary>The exact name of a resource that took part.</summary>
    public string? Resource { get; init; }

    /// <summary>Only traces in which a span failed.</summary>
    public bool ErrorsOnly { get; init; }

    /// <summary>Only traces that took at least so long.</summary>
    public TimeSpan? MinDuration { get; init; }

    /// <summary>Only traces that began at this time or later.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Only traces that began before this time.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Conditions that spans of the trace fulfil, each one a span of its own or all the same.</summary>
    public IReadOnlyList<AttributeCondition> Attributes { get; init; } = [];

    /// <summary>Also the traces that do nothing but ask a service for its health.</summary>
    public bool IncludeHealthChecks { get; init; }

    /// <summary>At most so many.</summary>
    public int Limit { get; init; } = 200;
}

/// <summary>What an attribute must be: <c>key=value</c>, <c>key!=value</c>, <c>key~part</c>, <c>key!~part</c>, or only <c>key</c>, which must be there.</summary>
public sealed record AttributeCondition(string Key, string Operator, string Value)
{
    private static readonly string[] Operators = ["!=", "!~", "=", "~"];

    /// <summary>Reads what a person typed, conditions apart by spaces; a value with spaces stands in double quotes.</summary>
    public static IReadOnlyList<AttributeCondition> ReadAll(string? text) => [.. Words(text ?? "").Select(Read)];

    public bool IsMetBy(SpanRecord span) => IsMetBy(span.Attributes);

    public bool IsMetBy(IReadOnlyList<TelemetryAttribute> attributes) => attributes.FirstOrDefault(attribute => attribute.Key == Key).Value is { } value && Operator switch
    {
        "=" => value.Equals(Value, StringComparison.OrdinalIgnoreCase),
        "!=" => !value.Equals(Value, StringComparison.OrdinalIgnoreCase),
        "!~" => !value.Contains(Value, StringComparison.OrdinalIgnoreCase),
        "~" => value.Contains(Value, StringComparison.OrdinalIgnoreCase),
        _ => true,
    };

    private static AttributeCondition Read(string word)
    {
        var (at, found) = Operators.Select(candidate => (At: word.IndexOf(candidate, StringComparison.Ordinal), candidate))
            .Where(static candidate => candidate.At > 0).DefaultIfEmpty((At: word.Length, "")).MinBy(static candidate => candidate.At);
        return new AttributeCondition(word[..at], found, word[(at + found.Length)..]);
    }

    [SuppressMessage("Design", "MA0051:Method is too long", Justification = "One small state machine.")]
    private static List<string> Words(string text)
    {
        var (words, word, quoted) = (new List<string>(), new System.Text.StringBuilder(), false);
        foreach (var letter in text)
        {
            if (letter == '"')
                quoted = !quoted;
            else if (letter == ' ' && !quoted)
                Take();
            else
                word.Append(letter);
        }
        Take();
        return words;

        void Take()
        {
            if (word.Length > 0)
                words.Add(word.ToString());
            word.Clear();
        }
    }
}
