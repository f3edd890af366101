using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ServiceDefaults;

/// <summary>The database of a service.</summary>
public static class PostgresDefaults
{
    /// <summary>
    /// Connections of one process. A server with PostgreSQL's default of 100 then carries six replicas; group commits need few.
    /// </summary>
    private const int ConnectionsPerProcess = 15;

    /// <summary>
    /// Registers the <see cref="NpgsqlDataSource"/> of the connection string <paramref name="name"/>, and brings the schema up to
    /// date before any hosted service starts: the embedded <c>Schema/*.sql</c> of <paramref name="migrations"/>, assembly by assembly,
    /// each script once, one process at a time.
    /// </summary>
    public static WebApplicationBuilder AddPostgres(this WebApplicationBuilder builder, string name, params Assembly[] migrations)
    {
        var connectionString = new NpgsqlConnectionStringBuilder(RedisDefaults.RequiredConnectionString(builder.Configuration, name));
        if (!connectionString.ContainsKey("Maximum Pool Size"))
            connectionString.MaxPoolSize = ConnectionsPerProcess;
        if (!connectionString.ContainsKey("Max Auto Prepare"))
            connectionString.MaxAutoPrepare = 50; // the statements of a service are few and always the same
        connectionString.ApplicationName ??= builder.Environment.ApplicationName;

        builder.Services.AddNpgsqlDataSource(connectionString.ConnectionString);
        builder.Services.AddHealthChecks().AddNpgSql(name: name, timeout: TimeSpan.FromSeconds(2));
        builder.Services.AddHostedService(services => new SchemaMigration(
            connectionString.ConnectionString, migrations, services.GetRequiredService<ILogger<SchemaMigration>>()));
        return builder;
    }
}
