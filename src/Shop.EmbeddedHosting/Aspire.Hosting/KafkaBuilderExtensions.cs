using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Kafka in the model.</summary>
public static class KafkaBuilderExtensions
{
    /// <summary>Adds a Kafka server: the one that the connection string <c>ConnectionStrings:name</c> in configuration names. Without it, references hand nothing over, and services do without. The port says nothing to this engine.</summary>
    public static IResourceBuilder<KafkaServerResource> AddKafka(this IDistributedApplicationBuilder builder, string name, int? port = null) =>
        builder.AddResource(new KafkaServerResource(name));

    /// <summary>Data outlives the run; with a server of the user's own that is the user's affair.</summary>
    public static IResourceBuilder<KafkaServerResource> WithDataVolume(this IResourceBuilder<KafkaServerResource> builder, string? name = null, bool isReadOnly = false)
    {
        if (isReadOnly)
            throw new NotSupportedException("A read-only volume is not supported by the embedded engine.");
        return builder.WithOnly(new DataVolumeAnnotation());
    }
}
