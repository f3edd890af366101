using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using ServiceDefaults;
using Shop.Benchmarks.Harness;
using Shop.Messaging;
using Shop.Orders.Checkout;

namespace Shop.Benchmarks.Scenarios.Orders;

/// <summary>
/// One database with the service's own migrations. The other sides do the same work a transaction an order: with Npgsql in as few
/// round trips as it can be done (two, prepared), and with pgbench, which costs a client nearly nothing. All three meet the same row
/// locks of 31 products.
/// </summary>
internal sealed class OrderStore : Scenario
{
    public override string Name => "order-store";

    public override string Measures => "Place an order of two lines in PostgreSQL, with stock, event and commit; 64 at once.";

    public override int Order => 20;

    public override IReadOnlyList<Target> Targets => [Target.Ratio(5, GroupCommitStore.Title, SingleRowStore.Title)];

    public override IReadOnlyList<Side> CreateSides() => [new GroupCommitStore(), new SingleRowStore(), new PgBench()];

    public override async Task PrepareAsync(BenchServers servers, CancellationToken cancellationToken)
    {
        var database = await servers.CreateDatabaseAsync(StoreSide.Database, cancellationToken);
        await new SchemaMigration(database, [typeof(Outbox).Assembly, typeof(OrderPlacement).Assembly], NullLogger<SchemaMigration>.Instance).StartingAsync(cancellationToken);
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(cancellationToken);
        await using var fill = new NpgsqlCommand("UPDATE stock SET available = 1000000000", connection);
        await fill.ExecuteNonQueryAsync(cancellationToken);
    }
}

/// <summary>A side on the database of the scenario.</summary>
internal abstract class StoreSide : Side
{
    public const string Database = "orderstore";
    public const int Callers = 64;

    protected NpgsqlDataSource Source { get; private set; } = null!;

    /// <summary>Connections that the side may open.</summary>
    protected abstract int Connections { get; }

    public override async Task StartAsync(BenchServers servers, CancellationToken cancellationToken)
    {
        var server = await servers.PostgresAsync(cancellationToken);
        Source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(server.ConnectionString(Database)) { MaxPoolSize = Connections, MaxAutoPrepare = 50 }.ConnectionString);
    }

    public override ValueTask DisposeAsync() => Source?.DisposeAsync() ?? default;
}
