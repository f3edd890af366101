using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using ServiceDefaults;
using Shop.Messaging;
using Shop.Testing;
using Xunit;

namespace Shop.Tests.Defaults;

public sealed class SchemaMigrationTests(Servers servers)
{
    [Fact]
    public async Task No_connection_stays_open_when_all_is_done()
    {
        var database = new NpgsqlConnectionStringBuilder(await servers.Postgres.CreateDatabaseAsync());
        await new SchemaMigration(database.ConnectionString, [typeof(Outbox).Assembly], NullLogger<SchemaMigration>.Instance).StartingAsync(TestContext.Current.CancellationToken);

        await using var elsewhere = new NpgsqlConnection(servers.Postgres.Server.ConnectionString());
        await Eventually.TrueAsync(
            async () => await elsewhere.ExecuteScalarAsync<int>("SELECT count(*) FROM pg_stat_activity WHERE datname = @Database", new { database.Database }) == 0,
            "the last connection has gone");
    }
}
