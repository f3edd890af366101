using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The states that a resource goes through.</summary>
public static class KnownResourceStates
{
    /// <summary>Its turn has not come.</summary>
    public static readonly string NotStarted = "NotStarted";

    /// <summary>Another resource must be healthy first.</summary>
    public static readonly string Waiting = "Waiting";

    /// <summary>Its processes are being started.</summary>
    public static readonly string Starting = "Starting";

    /// <summary>Its processes run; whether they can work is its health.</summary>
    public static readonly string Running = "Running";

    /// <summary>It cannot be started.</summary>
    public static readonly string FailedToStart = "FailedToStart";

    /// <summary>It is being stopped.</summary>
    public static readonly string Stopping = "Stopping";

    /// <summary>Its processes have ended, by request or by a crash.</summary>
    public static readonly string Exited = "Exited";

    /// <summary>It did what it had to do, with exit code 0.</summary>
    public static readonly string Finished = "Finished";

    /// <summary>It is not there, because the user did not say where it is; those who refer to it do without.</summary>
    internal static readonly string NotConfigured = "Not configured";
}

/// <summary>A state by its name.</summary>
public sealed record ResourceStateSnapshot(string Text);

/// <summary>A resource at one moment.</summary>
public sealed record CustomResourceSnapshot
{
    /// <summary>The kind, for example <c>Project</c>.</summary>
    public required string ResourceType { get; init; }

    /// <summary>One of <see cref="KnownResourceStates"/>.</summary>
    public ResourceStateSnapshot? State { get; init; }

    /// <summary>Whether it can work; null while it does not run.</summary>
    public HealthStatus? HealthStatus { get; init; }

    /// <summary>The exit code, once it has ended.</summary>
    public int? ExitCode { get; init; }

    /// <summary>What people should know beside the state: what it waits for, how many replicas are healthy, why it failed.</summary>
    internal string Note { get; init; } = "";

    /// <summary>Where it answers.</summary>
    internal IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>The ids of its processes: a new one is a change, even when the state stays.</summary>
    internal string Processes { get; init; } = "";

    /// <summary>How many processes it has, and how many of them are healthy.</summary>
    internal (int Healthy, int All) Replicas { get; init; } = (0, 1);
}

/// <summary>A resource has changed.</summary>
public sealed class ResourceEvent(IResource resource, string resourceId, CustomResourceSnapshot snapshot)
{
    /// <summary>The resource.</summary>
    public IResource Resource => resource;

    /// <summary>Its name.</summary>
    public string ResourceId => resourceId;

    /// <summary>What it is now.</summary>
    public CustomResourceSnapshot Snapshot => snapshot;
}
