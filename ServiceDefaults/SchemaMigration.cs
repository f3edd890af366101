using System.Reflection;
using DbUp;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ServiceDefaults;

/// <summary>
/// Applies the embedded SQL scripts that a database does not have yet. Replicas start together, so the whole run holds a
/// session-level advisory lock: the first migrates, the others wait and find nothing left to do.
/// </summary>
public sealed partial class SchemaMigration(string connectionString, IReadOnlyList<Assembly> assemblies, ILogger<SchemaMigration> logger) : IHostedLifecycleService
{
    private const long LockId = 0x53686F7053716C; // "ShopSql"

    // Without a pool, the lock goes with its connection, and none stays open when all is done.
    private readonly string _connectionString = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, CommandTimeout = 0 }.ConnectionString;

    /// <summary>Runs before any other hosted service starts.</summary>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(_connectionString);
        await connection.OpenAsync(cancellationToken);
        // The wait is as long as another replica's migration.
        await using var hold = new NpgsqlCommand("SELECT pg_advisory_lock(@id)", connection);
        hold.Parameters.AddWithValue("id", LockId);
        await hold.ExecuteNonQueryAsync(cancellationToken);

        foreach (var assembly in assemblies)
            Apply(assembly);
    }

    private void Apply(Assembly assembly)
    {
        var result = DeployChanges.To
            .PostgresqlDatabase(_connectionString)
            .WithScriptsEmbeddedInAssembly(assembly, static name => name.Contains(".Schema.", StringComparison.Ordinal) && name.EndsWith(".sql", StringComparison.Ordinal))
            .WithTransactionPerScript()
            .WithVariablesDisabled()
            .LogToNowhere()
            .Build()
            .PerformUpgrade();
        foreach (var script in result.Scripts)
            LogApplied(logger, script.Name);
        if (!result.Successful)
            throw new InvalidOperationException($"The migration script '{result.ErrorScript?.Name}' failed. Nothing of it was applied; mend it and start again.", result.Error);
    }

    [LoggerMessage(1, LogLevel.Information, "Applied the migration {Script}")]
    private static partial void LogApplied(ILogger logger, string script);

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
