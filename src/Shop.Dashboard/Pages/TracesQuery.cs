using System.Globalization;
using Shop.Dashboard.Telemetry;

namespace Shop.Dashboard.Pages;

/// <summary>The filter of the trace list as it stands in the address.</summary>
/// <param name="MinMs">Milliseconds.</param>
/// <param name="Last">Minutes up to now.</param>
/// <param name="From">A local time of today or with its date, as the browser's field writes it.</param>
public sealed record TracesQuery(
    string? Text, string? Resource, bool Errors, bool Noise, int? MinMs, int? Last, string? From, string? To, string? Attributes, int Limit)
{
    public bool IsNarrow => Errors || MinMs is > 0 || Last is > 0 || new[] { Text, Resource, From, To, Attributes }.Any(static part => part is { Length: > 0 });

    public TraceFilter Filter(TimeProvider clock) => new()
    {
        Text = Text,
        Resource = Resource,
        ErrorsOnly = Errors,
        IncludeHealthChecks = Noise,
        MinDuration = MinMs is > 0 ? TimeSpan.FromMilliseconds(MinMs.Value) : null,
        From = Time(From, clock) ?? (Last is > 0 ? clock.GetUtcNow() - TimeSpan.FromMinutes(Last.Value) : null),
        To = Time(To, clock),
        Attributes = AttributeCondition.ReadAll(Attributes),
        Limit = Limit,
    };

    /// <summary>The same view with more rows.</summary>
    public string More => "/traces" + QueryString.Create(
        ((IEnumerable<KeyValuePair<string, string?>>)
        [
            new("text", Text), new("resource", Resource), new("errors", Errors ? "true" : null), new("noise", Noise ? "true" : null),
            new("minMs", MinMs?.ToString(CultureInfo.InvariantCulture)), new("last", Last?.ToString(CultureInfo.InvariantCulture)),
            new("from", From), new("to", To), new("attributes", Attributes), new("limit", (Limit + 800).ToString(CultureInfo.InvariantCulture)),
        ]).Where(static part => part.Value is { Length: > 0 }));

    private static DateTimeOffset? Time(string? text, TimeProvider clock)
    {
        if (!DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var time))
            return null;
        return time.Kind == DateTimeKind.Utc ? new DateTimeOffset(time) : new DateTimeOffset(time, clock.LocalTimeZone.GetUtcOffset(time));
    }
}
