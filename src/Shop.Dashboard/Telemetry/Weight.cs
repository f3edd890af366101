namespace Shop.Dashboard.Telemetry;

/// <summary>
/// About how many bytes a record takes: its texts at two bytes a letter and a flat sum for what holds them. Exact enough for a
/// cap, which only has to hold however large the records are; texts that are kept once for many records are counted each time.
/// </summary>
internal static class Weight
{
    private const int OfRecord = 200;
    private const int OfItem = 32;

    public static long Of(SpanRecord span) =>
        OfRecord + Of(span.Name) + Of(span.StatusMessage) + Of(span.Attributes)
        + span.Events.Sum(static happening => OfItem + Of(happening.Name) + Of(happening.Attributes))
        + span.Links.Sum(static link => (3 * OfItem) + Of(link.Attributes));

    public static long Of(LogRecord record) => OfRecord + Of(record.Message) + Of(record.Attributes);

    private static long Of(IReadOnlyList<TelemetryAttribute> attributes)
    {
        long sum = 0;
        foreach (var attribute in attributes)
            sum += OfItem + Of(attribute.Key) + Of(attribute.Value);
        return sum;
    }

    private static long Of(string? text) => 2L * (text?.Length ?? 0);
}
