namespace Shop.Dashboard.Telemetry;

/// <summary>What the text filters of the pages look at: names, messages and attribute values, whatever the case.</summary>
internal static class TextSearch
{
    public static bool Contains(this SpanRecord span, string text) =>
        Has(span.Name, text) || Has(span.StatusMessage, text) || Has(span.Attributes, text);

    public static bool Contains(this LogRecord record, string text) =>
        Has(record.Message, text) || Has(record.Category, text) || Has(record.Attributes, text);

    public static bool Contains(this MetricSeriesKey series, string text) =>
        Has(series.Instrument, text) || Has(series.Meter, text) || Has(series.Attributes, text);

    private static bool Has(string? value, string text) => value?.Contains(text, StringComparison.OrdinalIgnoreCase) == true;

    private static bool Has(IReadOnlyList<TelemetryAttribute> attributes, string text)
    {
        foreach (var attribute in attributes)
            if (Has(attribute.Value, text))
                return true;
        return false;
    }
}
