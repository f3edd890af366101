using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Redis in the model.</summary>
public static class RedisBuilderExtensions
{
    /// <summary>Adds a Redis server. The connection string <c>ConnectionStrings:name</c> in configuration takes its place.</summary>
    public static IResourceBuilder<RedisResource> AddRedis(this IDistributedApplicationBuilder builder, string name, int? port = null, IResourceBuilder<ParameterResource>? password = null) =>
        builder.AddResource(new RedisResource(name) { FixedPort = port, PasswordParameter = password?.Resource });

    /// <summary>Data outlives the run. The engine keeps it in its data folder: the name of the volume says nothing to it.</summary>
    public static IResourceBuilder<RedisResource> WithDataVolume(this IResourceBuilder<RedisResource> builder, string? name = null, bool isReadOnly = false)
    {
        if (isReadOnly)
            throw new NotSupportedException("A read-only volume is not supported by the embedded engine.");
        return builder.WithOnly(new DataVolumeAnnotation());
    }

    /// <summary>Snapshots besides the append-only file: after <paramref name="interval"/> (by default a minute) with at least so many changes.</summary>
    public static IResourceBuilder<RedisResource> WithPersistence(this IResourceBuilder<RedisResource> builder, TimeSpan? interval = null, long keysChangedThreshold = 1)
    {
        var seconds = (long)(interval ?? TimeSpan.FromMinutes(1)).TotalSeconds;
        return builder.With(new ArgumentsAnnotation(["--save", seconds.ToString(CultureInfo.InvariantCulture), keysChangedThreshold.ToString(CultureInfo.InvariantCulture)]));
    }
}
