using Aspire.Hosting.ApplicationModel;

namespace Shop.EmbeddedHosting.Engine;

/// <summary>Where the services send traces, metrics and logs with OTLP.</summary>
internal sealed class TelemetryTarget
{
    private readonly Func<string> _endpoint;
    private readonly string _protocol;
    private readonly string? _headers;

    /// <summary>Our own dashboard, whose address is settled when the engine starts.</summary>
    /// <param name="endpoint">Takes OTLP over gRPC.</param>
    /// <param name="headers">Sent along, for example <c>x-otlp-api-key=…</c>.</param>
    public TelemetryTarget(EndpointReference endpoint, string headers)
    {
        _endpoint = () => endpoint.Url;
        _protocol = "grpc";
        _headers = headers;
    }

    private TelemetryTarget(string endpoint, string protocol, string? headers)
    {
        _endpoint = () => endpoint;
        _protocol = protocol;
        _headers = headers;
    }

    /// <summary>Taken from the launch profile, which names a dashboard's address for Aspire: one of our own goes first.</summary>
    public bool IsForAspireDashboard { get; private init; }

    /// <summary>The one that the user configured; null when there is none.</summary>
    public static TelemetryTarget? From(EngineSettings settings)
    {
        var chosen = settings.Text("OTEL_EXPORTER_OTLP_ENDPOINT");
        return (chosen ?? settings.Text("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL")) is { } endpoint
            ? new TelemetryTarget(endpoint, settings.Text("OTEL_EXPORTER_OTLP_PROTOCOL") ?? "grpc", settings.Text("OTEL_EXPORTER_OTLP_HEADERS")) { IsForAspireDashboard = chosen is null }
            : null;
    }

    public void Apply(IDictionary<string, string> variables)
    {
        variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = _endpoint();
        variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = _protocol;
        if (_headers is not null)
            variables["OTEL_EXPORTER_OTLP_HEADERS"] = _headers;
    }
}
