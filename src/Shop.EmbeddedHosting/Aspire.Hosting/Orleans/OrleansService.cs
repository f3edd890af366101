using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orleans;

/// <summary>An Orleans cluster: what its silos and clients need to find one another.</summary>
public sealed class OrleansService
{
    internal OrleansService(string name) => Name = name;

    internal string Name { get; }

    internal string? ClusterId { get; set; }

    internal string? ServiceId { get; set; }

    internal IResourceBuilder<IResourceWithConnectionString>? Clustering { get; set; }

    internal IResourceBuilder<IResourceWithConnectionString>? Reminders { get; set; }

    internal Dictionary<string, IResourceBuilder<IResourceWithConnectionString>> GrainStorage { get; } = new(StringComparer.Ordinal);
}

/// <summary>The cluster as a client sees it.</summary>
public sealed class OrleansServiceClient
{
    internal OrleansServiceClient(OrleansService service) => Service = service;

    internal OrleansService Service { get; }
}
