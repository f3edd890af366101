using System.Security.Cryptography;
using Aspire.Hosting.ApplicationModel;
using Shop.EmbeddedHosting.Servers;

namespace Shop.EmbeddedHosting.Engine;

/// <summary>
/// The dashboard is no part of the model: where the AppHost's build has made one, and the user sends telemetry nowhere else, the
/// engine adds it, and tells every service to send its telemetry there. It ends after the services, so that it sees their last words.
/// </summary>
internal static class Dashboard
{
    public const string Name = "dashboard";
    private const int PublicHttpPort = 18888;

    /// <summary>Adds the dashboard if there is to be one, and answers where telemetry goes.</summary>
    public static (AppModel Model, TelemetryTarget? Telemetry) AddTo(AppModel model, EngineSettings settings)
    {
        var configured = TelemetryTarget.From(settings);
        if (!settings.Dashboard || configured is { IsForAspireDashboard: false } || model.Project("Shop_Dashboard") is not IBuiltProject project || !File.Exists(project.AssemblyPath))
            return (model, configured);

        var apiKey = RandomNumberGenerator.GetHexString(24);
        var grpcPort = FreePort.Next();
        var dashboard = new ProjectResource(Name, project);
        IResourceAnnotation[] annotations =
        [
            Endpoint("http", PublicHttpPort, "DASHBOARD_HTTP_PORT"),
            Endpoint("otlp-grpc", grpcPort, "DASHBOARD_OTLP_GRPC_PORT"),
            Endpoint("otlp-http", FreePort.Next(), "DASHBOARD_OTLP_HTTP_PORT"),
            new HttpHealthAnnotation("/health", 200, "http"),
            new EnvironmentAnnotation((variables, _) =>
            {
                variables["DASHBOARD_OTLP_API_KEY"] = apiKey;
                variables["ASPNETCORE_ENVIRONMENT"] = "Development"; // its files are served from where they were built
                return ValueTask.CompletedTask;
            }),
        ];
        foreach (var annotation in annotations)
            dashboard.Annotations.Add(annotation);
        foreach (var service in model.Resources.OfType<ProjectResource>())
            service.Annotations.Add(new ReferenceAnnotation(dashboard));

        return (
            model with { Resources = [.. model.Resources, dashboard] },
            new TelemetryTarget(new EndpointReference(dashboard, "otlp-grpc"), $"x-otlp-api-key={apiKey}"));
    }

    private static EndpointAnnotation Endpoint(string name, int port, string variable) =>
        new(name, "http", port, targetPort: null, variable, isProxied: false);
}
