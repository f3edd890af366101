using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Shop.EmbeddedHosting.Engine;

/// <summary>Creates a database when it is missing. It is healthy as long as its server is: services wait for it only at their start.</summary>
internal sealed class DatabaseRunner(PostgresDatabaseResource database, EngineContext context) : ResourceRunner(database, context)
{
    protected override async Task RunAsync(CancellationToken stopping)
    {
        var server = new NpgsqlConnectionStringBuilder(database.Parent.ConnectionString) { Database = "postgres", Pooling = false };
        var connection = new NpgsqlConnection(server.ConnectionString);
        await using (connection.ConfigureAwait(false))
        {
            await connection.OpenAsync(stopping).ConfigureAwait(false);
            if (!await ExistsAsync(connection, stopping).ConfigureAwait(false))
                await CreateAsync(connection, stopping).ConfigureAwait(false);
        }

        Publish(KnownResourceStates.Running, HealthStatus.Healthy);
        await Task.Delay(Timeout.InfiniteTimeSpan, stopping).ConfigureAwait(false);
    }

    private async Task<bool> ExistsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var query = new NpgsqlCommand("SELECT EXISTS (SELECT FROM pg_database WHERE datname = @name)", connection);
        await using var disposal = query.ConfigureAwait(false);
        query.Parameters.AddWithValue("name", database.DatabaseName);
        return (bool)(await query.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
    }

    private async Task CreateAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // template0 takes no connections, so that several databases can be copied from it at once.
        var create = new NpgsqlCommand($"CREATE DATABASE \"{database.DatabaseName.Replace("\"", "\"\"", StringComparison.Ordinal)}\" TEMPLATE template0", connection);
        await using var disposal = create.ConfigureAwait(false);
        await create.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
