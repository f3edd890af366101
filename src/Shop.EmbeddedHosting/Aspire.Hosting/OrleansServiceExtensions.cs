using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orleans;

namespace Aspire.Hosting;

/// <summary>Orleans in the model.</summary>
public static class OrleansServiceExtensions
{
    /// <summary>Adds a cluster.</summary>
    public static OrleansService AddOrleans(this IDistributedApplicationBuilder builder, string name) => new(name);

    /// <summary>Silos with the same id form one cluster; the name of the service by default.</summary>
    public static OrleansService WithClusterId(this OrleansService orleansServiceBuilder, string clusterId)
    {
        orleansServiceBuilder.ClusterId = clusterId;
        return orleansServiceBuilder;
    }

    /// <summary>Names the data of the cluster's grains; the name of the service by default.</summary>
    public static OrleansService WithServiceId(this OrleansService orleansServiceBuilder, string serviceId)
    {
        orleansServiceBuilder.ServiceId = serviceId;
        return orleansServiceBuilder;
    }

    /// <summary>Where silos register and clients find them.</summary>
    public static OrleansService WithClustering(this OrleansService orleansServiceBuilder, IResourceBuilder<IResourceWithConnectionString> provider)
    {
        orleansServiceBuilder.Clustering = provider;
        return orleansServiceBuilder;
    }

    /// <summary>Where reminders are kept.</summary>
    public static OrleansService WithReminders(this OrleansService orleansServiceBuilder, IResourceBuilder<IResourceWithConnectionString> reminderStorage)
    {
        orleansServiceBuilder.Reminders = reminderStorage;
        return orleansServiceBuilder;
    }

    /// <summary>Where the state of grains is kept, under a provider named like the resource.</summary>
    public static OrleansService WithGrainStorage(this OrleansService orleansServiceBuilder, IResourceBuilder<IResourceWithConnectionString> provider) =>
        orleansServiceBuilder.WithGrainStorage(provider.Resource.Name, provider);

    /// <summary>Where the state of grains is kept, under a provider of this name.</summary>
    public static OrleansService WithGrainStorage(this OrleansService orleansServiceBuilder, string name, IResourceBuilder<IResourceWithConnectionString> provider)
    {
        orleansServiceBuilder.GrainStorage[name] = provider;
        return orleansServiceBuilder;
    }

    /// <summary>The cluster for those who only call it.</summary>
    public static OrleansServiceClient AsClient(this OrleansService orleansService) => new(orleansService);

    /// <summary>Makes every replica a silo of the cluster, with ports of its own.</summary>
    public static IResourceBuilder<T> WithReference<T>(this IResourceBuilder<T> builder, OrleansService orleansService) where T : IResourceWithEnvironment =>
        builder.WithCluster(orleansService, isSilo: true);

    /// <summary>Makes every replica a client of the cluster.</summary>
    public static IResourceBuilder<T> WithReference<T>(this IResourceBuilder<T> builder, OrleansServiceClient orleansServiceClient) where T : IResourceWithEnvironment =>
        builder.WithCluster(orleansServiceClient.Service, isSilo: false);

    private static IResourceBuilder<T> WithCluster<T>(this IResourceBuilder<T> builder, OrleansService service, bool isSilo) where T : IResourceWithEnvironment
    {
        var clustering = service.Clustering ?? throw new InvalidOperationException($"The Orleans service '{service.Name}' has no clustering: call WithClustering(…) before it is referenced.");
        Dictionary<string, IResourceBuilder<IResourceWithConnectionString>> providers = new(StringComparer.Ordinal) { ["Clustering"] = clustering };
        if (isSilo && service.Reminders is { } reminders)
            providers["Reminders"] = reminders;
        foreach (var (name, storage) in isSilo ? service.GrainStorage : [])
            providers[$"GrainStorage__{name}"] = storage;

        foreach (var source in providers.Values.DistinctBy(static provider => provider.Resource.Name))
            builder.WithReference(source);

        return builder.With(new OrleansAnnotation(isSilo)).WithVariables((variables, _) =>
        {
            variables["Orleans__ClusterId"] = service.ClusterId ?? service.Name;
            variables["Orleans__ServiceId"] = service.ServiceId ?? service.Name;
            variables["Orleans__EnableDistributedTracing"] = "true";
            foreach (var (role, provider) in providers)
            {
                variables[$"Orleans__{role}__ProviderType"] = ProviderType(provider.Resource);
                variables[$"Orleans__{role}__ServiceKey"] = provider.Resource.Name;
            }

            return ValueTask.CompletedTask;
        });
    }

    private static string ProviderType(IResource resource) => resource switch
    {
        RedisResource => "Redis",
        _ => throw new NotSupportedException($"Orleans cannot use '{resource.Name}', a {resource.GetType().Name}, through the embedded engine."),
    };
}
