using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Programs of this machine in the model.</summary>
public static class ExecutableResourceBuilderExtensions
{
    /// <summary>Adds a program; <paramref name="workingDirectory"/> is relative to the AppHost's project.</summary>
    public static IResourceBuilder<ExecutableResource> AddExecutable(this IDistributedApplicationBuilder builder, string name, string command, string workingDirectory, params string[]? args) =>
        builder.AddResource(new ExecutableResource(name, command, Path.GetFullPath(workingDirectory, builder.AppHostDirectory)))
            .With(new ArgumentsAnnotation(args ?? []));
}
