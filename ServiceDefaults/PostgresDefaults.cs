using System.Diagnostics;
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
    /// Connections of one process. A server with PostgreSQL's default of 100 then carries eight replicas; group commits need few.
    /// </summary>
    private const int ConnectionsPerProcess = 12;

    /// <summary>
    /// A prepared statement keeps the plan that suited the table when it was small, until the table is analysed again: for a minute of a
    /// burst, every foreign key of an order read all orders there were. Whatever the services ask has an index, so they always go
    /// through it. What is left over for a scan looks so expensive to the planner that it would compile it, which takes longer than any
    /// of these statements. Behind PgBouncer, <c>ignore_startup_parameters = options</c> or Options in the connection string.
    /// </summary>
    private const string ThroughIndexes = "-c enable_seqscan=off -c jit=off";

    /// <summary>
    /// Registers the <see cref="NpgsqlDataSource"/> of the connection string <paramref name="name"/>, and brings the schema up to
    /// date before any hosted service starts: the embedded <c>Schema/*.sql</c> of <paramref name="migrations"/>, assembly by assembly,
    /// each script once, one process at a time.
    /// </summary>
    public static WebApplicationBuilder AddPostgres(this WebApplicationBuilder builder, string name, params Assembly[] migrations)
    {
        var connectionString = ForService(RedisDefaults.RequiredConnectionString(builder.Configuration, name));
        connectionString.ApplicationName ??= builder.Environment.ApplicationName;

        builder.Services.AddNpgsqlDataSource(connectionString.ConnectionString, static source => source.ConfigureTracing(static tracing => tracing
            .EnableFirstResponseEvent(false) // on every span it would only say that the server answered
            .ConfigureCommandSpanNameProvider(static command => SqlSummary.Of(command.CommandText))
            .ConfigureCommandEnrichmentCallback(static (span, command) => Describe(span, SqlSummary.Of(command.CommandText)))
            .ConfigureBatchSpanNameProvider(static batch => Summary(batch))
            .ConfigureBatchEnrichmentCallback(static (span, batch) => Describe(span, Summary(batch)))));
        builder.Services.AddHealthChecks().AddNpgSql(name: name, timeout: TimeSpan.FromSeconds(2));
        builder.Services.AddHostedService(services => new SchemaMigration(
            connectionString.ConnectionString, migrations, services.GetRequiredService<ILogger<SchemaMigration>>()));
        return builder;
    }

    /// <summary>What a service adds to a connection string that does not say it itself.</summary>
    internal static NpgsqlConnectionStringBuilder ForService(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        if (!Says("Maximum Pool Size"))
            settings.MaxPoolSize = ConnectionsPerProcess;
        if (!Says("Max Auto Prepare"))
            settings.MaxAutoPrepare = 50; // the statements of a service are few and always the same
        if (!Says("No Reset On Close"))
            settings.NoResetOnClose = true; // no statement of ours outlives its transaction, so there is nothing that a reset (seven statements before each use) would undo
        if (!Says("Options"))
            settings.Options = ThroughIndexes;
        return settings;

        bool Says(string keyword) => settings.ShouldSerialize(keyword); // ContainsKey is true of every keyword that there is
    }

    private static string Summary(NpgsqlBatch batch) => SqlSummary.Of([.. ((IEnumerable<NpgsqlBatchCommand>)batch.BatchCommands).Select(static command => command.CommandText)]);

    /// <summary>What the semantic conventions ask of a database span, and Npgsql leaves to us.</summary>
    private static void Describe(Activity span, string summary) =>
        span.SetTag("db.query.summary", summary).SetTag("db.operation.name", SqlSummary.Operation(summary));
}
