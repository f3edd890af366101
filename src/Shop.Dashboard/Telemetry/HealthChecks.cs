namespace Shop.Dashboard.Telemetry;

/// <summary>Tells a probe's request from a customer's: those come every second and would bury everything else.</summary>
internal static class HealthChecks
{
    private static readonly string[] Paths = ["/health", "/alive"];

    /// <summary>An HTTP span, at either end, whose path is that of a health endpoint.</summary>
    public static bool IsHealthCheck(SpanRecord span)
    {
        var path = span.Attribute("url.path") ?? span.Attribute("http.route") ?? PathOf(span.Attribute("url.full"));
        return path is not null && Paths.Contains(path, StringComparer.OrdinalIgnoreCase);
    }

    private static string? PathOf(string? url) => Uri.TryCreate(url, UriKind.Absolute, out var parsed) ? parsed.AbsolutePath : null;
}
