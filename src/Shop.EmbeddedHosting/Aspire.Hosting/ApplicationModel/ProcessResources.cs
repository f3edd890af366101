namespace Aspire.Hosting.ApplicationModel;

/// <summary>A .NET project, run from its build output in one or more replicas.</summary>
public sealed class ProjectResource : Resource, IResourceWithEnvironment, IResourceWithArgs, IResourceWithServiceDiscovery, IResourceWithWaitSupport
{
    internal ProjectResource(string name, IProjectMetadata project)
        : base(name) => Project = project;

    internal IProjectMetadata Project { get; }
}

/// <summary>A program of this machine.</summary>
public sealed class ExecutableResource(string name, string command, string workingDirectory)
    : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithServiceDiscovery, IResourceWithWaitSupport
{
    /// <summary>A name on the PATH, or a path.</summary>
    public string Command => command;

    /// <summary>The folder that it starts in.</summary>
    public string WorkingDirectory => workingDirectory;
}
