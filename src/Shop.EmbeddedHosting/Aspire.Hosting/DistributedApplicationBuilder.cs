using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Shop.EmbeddedHosting.Engine;

namespace Aspire.Hosting;

internal sealed class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    /// <summary>The build writes the folder of the AppHost's project into its assembly under this name.</summary>
    private const string DirectoryMetadata = "apphostprojectpath";

    private readonly List<IResource> _resources = [];
    private readonly TestingSession? _session = TestingSession.Current;
    private readonly Assembly? _appHost;

    public DistributedApplicationBuilder(string[] args)
    {
        _appHost = _session?.AppHost ?? Assembly.GetEntryAssembly();
        AppHostDirectory =
            _appHost?.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(static metadata => metadata.Key == DirectoryMetadata)?.Value
            ?? Directory.GetCurrentDirectory();
        Configuration
            .AddJsonFile(Path.Combine(AppHostDirectory, "appsettings.json"), optional: true)
            .AddEnvironmentVariables()
            .AddCommandLine([.. args.Select(WithValue)]);
    }

    public ConfigurationManager Configuration { get; } = new();

    public string AppHostDirectory { get; }

    public IReadOnlyList<IResource> Resources => _resources;

    public IResourceBuilder<T> AddResource<T>(T resource) where T : IResource
    {
        if (_resources.Exists(other => string.Equals(other.Name, resource.Name, StringComparison.OrdinalIgnoreCase)))
            throw new DistributedApplicationException($"Cannot add the resource '{resource.Name}': the model has one of that name already.");
        _resources.Add(resource);
        return CreateResourceBuilder(resource);
    }

    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource => new ResourceBuilder<T>(this, resource);

    public DistributedApplication Build()
    {
        _session?.HandOver(this);
        var application = new DistributedApplication(new AppModel(_resources, _appHost), EngineSettings.From(Configuration, AppHostDirectory, testing: _session is not null), _session);
        _session?.HandOver(application);
        return application;
    }

    /// <summary>The configuration's command line knows no bare switches: <c>--ephemeral</c> means <c>--ephemeral=true</c>.</summary>
    private static string WithValue(string argument) =>
        argument.StartsWith("--", StringComparison.Ordinal) && EngineSettings.Switches.Contains(argument[2..]) ? $"{argument}=true" : argument;
}
