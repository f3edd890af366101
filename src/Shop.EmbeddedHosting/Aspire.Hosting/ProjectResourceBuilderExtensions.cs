using Aspire.Hosting.ApplicationModel;
using Shop.EmbeddedHosting.Engine;

namespace Aspire.Hosting;

/// <summary>.NET projects in the model.</summary>
public static class ProjectResourceBuilderExtensions
{
    /// <summary>Adds a project; its endpoints and environment come from its launch profile.</summary>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name) where TProject : IProjectMetadata, new()
    {
        var project = new ProjectResource(name, new TProject());
        var resource = builder.AddResource(project);
        if (LaunchProfile.Of(project.Project) is not { } profile)
            return resource;

        foreach (var url in profile.ApplicationUrls)
            resource.With(new EndpointAnnotation(url.Scheme, url.Scheme, url.Port, targetPort: null, environmentVariable: null, isProxied: true) { FromLaunchProfile = true });
        return resource.WithVariables((variables, _) =>
        {
            variables["DOTNET_LAUNCH_PROFILE"] = profile.Name;
            foreach (var (variable, value) in profile.EnvironmentVariables)
                variables[variable] = value;
            return ValueTask.CompletedTask;
        });
    }

    /// <summary>Runs so many processes of it behind one address.</summary>
    public static IResourceBuilder<ProjectResource> WithReplicas(this IResourceBuilder<ProjectResource> builder, int replicas)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(replicas, 1);
        return builder.WithOnly(new ReplicaAnnotation(replicas));
    }
}
