using System.Collections.ObjectModel;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>One statement of the model about a resource.</summary>
public interface IResourceAnnotation;

/// <summary>The statements about a resource, in the order in which they were made.</summary>
public sealed class ResourceAnnotationCollection : Collection<IResourceAnnotation>;

/// <summary>Sets environment variables of a process, when the addresses of everything are known.</summary>
internal sealed record EnvironmentAnnotation(Func<IDictionary<string, string>, CancellationToken, ValueTask> ApplyAsync) : IResourceAnnotation;

/// <summary>Command-line arguments.</summary>
internal sealed record ArgumentsAnnotation(IReadOnlyList<string> Arguments) : IResourceAnnotation;

/// <summary>Makes a process a member of an Orleans cluster; a silo also gets ports of its own per replica.</summary>
internal sealed record OrleansAnnotation(bool IsSilo) : IResourceAnnotation;

/// <summary>An HTTP address where <see cref="Path"/> answers <see cref="StatusCode"/> when the resource can work.</summary>
internal sealed record HttpHealthAnnotation(string Path, int StatusCode, string? EndpointName) : IResourceAnnotation;

/// <summary>How many processes run.</summary>
internal sealed record ReplicaAnnotation(int Replicas) : IResourceAnnotation;

/// <summary>Data outlives the run.</summary>
internal sealed record DataVolumeAnnotation : IResourceAnnotation;

/// <summary>Endpoints keep the port of the launch profile, for people and programs outside the model.</summary>
internal sealed record ExternalEndpointsAnnotation : IResourceAnnotation;

/// <summary>This resource uses that one: it is stopped before it.</summary>
internal sealed record ReferenceAnnotation(IResource Target) : IResourceAnnotation;

/// <summary>This resource starts when that one is healthy, or has ended with <see cref="ExitCode"/>.</summary>
internal sealed record WaitAnnotation(IResource Target, int? ExitCode = null) : IResourceAnnotation;

/// <summary>An address that a resource listens on.</summary>
internal sealed class EndpointAnnotation(string name, string scheme, int? port, int? targetPort, string? environmentVariable, bool isProxied) : IResourceAnnotation
{
    public string Name => name;

    public string Scheme => scheme;

    /// <summary>The public port that the model asks for.</summary>
    public int? Port => port;

    /// <summary>The port that the process itself listens on, when it cannot be told another.</summary>
    public int? TargetPort => targetPort;

    /// <summary>The variable that tells the process its port.</summary>
    public string? EnvironmentVariable => environmentVariable;

    public bool IsProxied => isProxied;

    /// <summary>Said by the project's launch profile, not by the model: only an external endpoint keeps such a port.</summary>
    public bool FromLaunchProfile { get; init; }

    /// <summary>The public port of this run, once the engine has chosen it.</summary>
    public int? AllocatedPort { get; set; }
}
