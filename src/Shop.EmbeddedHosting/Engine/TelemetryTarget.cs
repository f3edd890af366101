namespace Shop.EmbeddedHosting.Engine;

/// <summary>Where the services send traces, metrics and logs.</summary>
/// <param name="Endpoint">An OTLP address.</param>
/// <param name="Protocol">How it speaks OTLP: <c>grpc</c> or <c>http/protobuf</c>.</param>
/// <param name="Headers">Sent along, for example <c>x-otlp-api-key=…</c>; null for none.</param>
internal sealed record TelemetryTarget(string Endpoint, string Protocol, string? Headers)
{
    /// <summary>The one that the user configured; null when there is none.</summary>
    public static TelemetryTarget? From(EngineSettings settings) =>
        (settings.Text("OTEL_EXPORTER_OTLP_ENDPOINT") ?? settings.Text("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL")) is { } endpoint
            ? new TelemetryTarget(endpoint, settings.Text("OTEL_EXPORTER_OTLP_PROTOCOL") ?? "grpc", settings.Text("OTEL_EXPORTER_OTLP_HEADERS"))
            : null;

    public void Apply(IDictionary<string, string> variables)
    {
        variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = Endpoint;
        variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = Protocol;
        if (Headers is not null)
            variables["OTEL_EXPORTER_OTLP_HEADERS"] = Headers;
    }
}
