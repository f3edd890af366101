using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>PostgreSQL in the model.</summary>
public static class PostgresBuilderExtensions
{
    /// <summary>Adds a PostgreSQL server. The connection string <c>ConnectionStrings:name</c> in configuration takes its place.</summary>
    public static IResourceBuilder<PostgresServerResource> AddPostgres(
        this IDistributedApplicationBuilder builder,
        string name,
        IResourceBuilder<ParameterResource>? userName = null,
        IResourceBuilder<ParameterResource>? password = null,
        int? port = null)
    {
        if (userName is not null)
            throw new NotSupportedException("The embedded engine's superuser is always 'postgres'.");
        return builder.AddResource(new PostgresServerResource(name) { FixedPort = port, PasswordParameter = password?.Resource });
    }

    /// <summary>Adds a database, which is created when it is missing.</summary>
    public static IResourceBuilder<PostgresDatabaseResource> AddDatabase(this IResourceBuilder<PostgresServerResource> builder, string name, string? databaseName = null) =>
        builder.ApplicationBuilder.AddResource(new PostgresDatabaseResource(name, databaseName ?? name, builder.Resource));

    /// <summary>Data outlives the run. The engine keeps it in its data folder: the name of the volume says nothing to it.</summary>
    public static IResourceBuilder<PostgresServerResource> WithDataVolume(this IResourceBuilder<PostgresServerResource> builder, string? name = null, bool isReadOnly = false)
    {
        if (isReadOnly)
            throw new NotSupportedException("A read-only volume is not supported by the embedded engine.");
        return builder.WithOnly(new DataVolumeAnnotation());
    }
}
