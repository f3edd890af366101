using System.Security.Cryptography;
using Aspire.Hosting.ApplicationModel;
using Shop.Dashboard.Protocol;
using Shop.EmbeddedHosting.Servers;

namespace Shop.EmbeddedHosting.Engine;

/// <summary>
/// The dashboard is no part of the model: where the AppHost's build has made one, and the user sends telemetry nowhere else, the
/// engine adds it, tells every service to send its telemetry there, and answers it what runs (<see cref="ResourceService"/>). It
/// ends after the services, so that it sees their last words.
/// </summary>
internal sealed class Dashboard(ProjectResource resource)
{
    public const string Name = "dashboard";
    private const int PublicHttpPort = 18888;

    private readonly string _otlpKey = RandomNumberGenerator.GetHexString(24);
    private string? _token;

    /// <summary>Opens the resource service.</summary>
    public string ResourceKey { get; } = RandomNumberGenerator.GetHexString(24);

    /// <summary>Where a person opens it: the token in it is the login.</summary>
    public string LoginUrl => $"{new EndpointReference(resource, "http").Url}/login?t={_token}";

    public TelemetryTarget Telemetry => new(new EndpointReference(resource, "otlp-grpc"), $"x-otlp-api-key={_otlpKey}");

    /// <summary>Adds the dashboard if there is to be one.</summary>
    public static (AppModel Model, Dashboard? Dashboard) AddTo(AppModel model, EngineSettings settings)
    {
        if (!settings.Dashboard || TelemetryTarget.From(settings) is { IsForAspireDashboard: false } || model.Project("Shop_Dashboard") is not IBuiltProject project || !File.Exists(project.AssemblyPath))
            return (model, null);

        var resource = new ProjectResource(Name, project);
        IResourceAnnotation[] annotations =
        [
            Endpoint("http", PublicHttpPort, "DASHBOARD_HTTP_PORT"),
            Endpoint("otlp-grpc", FreePort.Next(), "DASHBOARD_OTLP_GRPC_PORT"),
            Endpoint("otlp-http", FreePort.Next(), "DASHBOARD_OTLP_HTTP_PORT"),
            new HttpHealthAnnotation("/health", 200, "http"),
        ];
        foreach (var annotation in annotations)
            resource.Annotations.Add(annotation);
        foreach (var service in model.Resources.OfType<ProjectResource>())
            service.Annotations.Add(new ReferenceAnnotation(resource));
        return (model with { Resources = [.. model.Resources, resource] }, new Dashboard(resource));
    }

    /// <summary>Settles the keys. The token is kept with the data, so that a browser that has logged in stays so over a restart.</summary>
    public async Task PrepareAsync(EngineSettings settings, RunFolder folder, Uri resourceService, CancellationToken cancellationToken)
    {
        _token = settings.Text("dashboard-token") ?? await folder.PasswordAsync(Name, cancellationToken).ConfigureAwait(false);
        resource.Annotations.Add(new EnvironmentAnnotation((variables, _) =>
        {
            variables["DASHBOARD_OTLP_API_KEY"] = _otlpKey;
            variables[ResourceChannel.UrlVariable] = resourceService.ToString();
            variables[ResourceChannel.KeyVariable] = ResourceKey;
            variables[ResourceChannel.TokenVariable] = _token;
            variables["ASPNETCORE_ENVIRONMENT"] = "Development"; // its files are served from where they were built
            return ValueTask.CompletedTask;
        }));
    }

    private static EndpointAnnotation Endpoint(string name, int port, string variable) =>
        new(name, "http", port, targetPort: null, variable, isProxied: false);
}
