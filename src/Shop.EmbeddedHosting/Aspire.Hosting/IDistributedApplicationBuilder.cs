using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

/// <summary>The app model while it is built.</summary>
public interface IDistributedApplicationBuilder
{
    /// <summary>appsettings.json of the AppHost, the environment and the command line; the later win.</summary>
    ConfigurationManager Configuration { get; }

    /// <summary>The folder of the AppHost's project.</summary>
    string AppHostDirectory { get; }

    /// <summary>The resources, in the order in which they were added.</summary>
    IReadOnlyList<IResource> Resources { get; }

    /// <summary>Adds a resource; its name must be new.</summary>
    IResourceBuilder<T> AddResource<T>(T resource) where T : IResource;

    /// <summary>Goes on with a resource that was added before.</summary>
    IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource;

    /// <summary>Ends the model.</summary>
    DistributedApplication Build();
}

/// <summary>Finds resources of a model that somebody else has built.</summary>
public static class DistributedApplicationBuilderExtensions
{
    /// <summary>Goes on with the resource of this name.</summary>
    public static IResourceBuilder<T> CreateResourceBuilder<T>(this IDistributedApplicationBuilder builder, string name) where T : IResource =>
        builder.Resources.FirstOrDefault(resource => resource.Name == name) switch
        {
            T resource => builder.CreateResourceBuilder(resource),
            null => throw new InvalidOperationException($"The model has no resource '{name}'."),
            { } other => throw new InvalidOperationException($"The resource '{name}' is a {other.GetType().Name}, not a {typeof(T).Name}."),
        };
}
