using Aspire.Hosting;
using Shop.EmbeddedHosting.Engine;

namespace Shop.EmbeddedHosting.Faults;

/// <summary>
/// What tests do to a running application that its users cannot: kill, pause and stop its processes, and read what they said. Only the
/// embedded engine has it; nothing of it is part of Aspire.
/// </summary>
public static class ApplicationFaults
{
    /// <summary>One process of a service, by its number from 0.</summary>
    public static ReplicaFaults Replica(this DistributedApplication app, string resourceName, int index = 0) =>
        app.Replicas(resourceName) is var replicas && index < replicas.Count
            ? replicas[index]
            : throw new ArgumentOutOfRangeException(nameof(index), index, $"'{resourceName}' has {replicas.Count} replicas.");

    /// <summary>All processes of a service.</summary>
    public static IReadOnlyList<ReplicaFaults> Replicas(this DistributedApplication app, string resourceName) =>
        app.RunnerOf<ServiceRunner>(resourceName) is var service
            ? [.. service.Replicas.Select(replica => new ReplicaFaults(app.ResourceNotifications, service, replica))]
            : [];

    /// <summary>The process of a Redis or PostgreSQL server.</summary>
    public static ServerFaults Server(this DistributedApplication app, string resourceName) =>
        new(app.RunnerOf<ServerRunner>(resourceName));

    /// <summary>What a process has printed since the application started, over all of its restarts, for example <c>orders-0</c>.</summary>
    public static string ReadLog(this DistributedApplication app, string processName) => app.Engine.Logs.Read(processName);

    /// <summary>What every process has printed, by its name: for a failing test to show.</summary>
    public static IReadOnlyDictionary<string, string> ReadLogs(this DistributedApplication app) => app.Engine.Logs.ReadAll();

    private static TRunner RunnerOf<TRunner>(this DistributedApplication app, string resourceName) where TRunner : ResourceRunner =>
        app.Engine.Runners.OfType<TRunner>().FirstOrDefault(runner => runner.Resource.Name == resourceName)
        ?? throw new ArgumentException($"The running application has no such resource '{resourceName}'; it has {string.Join(", ", app.Engine.Runners.OfType<TRunner>().Select(static runner => runner.Resource.Name))}.", nameof(resourceName));
}
