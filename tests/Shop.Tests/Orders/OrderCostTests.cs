using System.Diagnostics;
using System.Globalization;
using Dapper;
using Shop.Contracts.Orders;
using Shop.Orders.Checkout;
using Shop.Orders.Fulfilment;
using Shop.Testing;
using Shop.Tests.Messaging;
using StackExchange.Redis;
using Xunit;
using Order = Shop.Contracts.Orders.Order;

namespace Shop.Tests.Orders;

/// <summary>
/// What an order costs: round trips to PostgreSQL until its answer, and to read it (a span of Npgsql's each), and commands that its events cost
/// Redis. The README's performance section says the same numbers.
/// </summary>
public sealed class OrderCostTests(Servers servers)
{
    [Fact]
    public async Task An_order_is_answered_after_two_round_trips_to_postgres()
    {
        await using var sandbox = await OrdersSandbox.CreateAsync(servers.Postgres, servers.Redis.Connection);
        var placement = sandbox.Get<OrderPlacement>();
        await placement.PlaceAsync(OrdersSandbox.Placement()); // connects

        using var cost = new Cost();
        Assert.Equal(PlaceOrderOutcome.Placed, (await cost.OfAsync(() => placement.PlaceAsync(OrdersSandbox.Placement()))).Outcome);

        Assert.Equal((1, 2), (cost.Batches, cost.RoundTrips));
    }

    [Fact]
    public async Task Orders_that_come_together_share_two_round_trips()
    {
        await using var sandbox = await OrdersSandbox.CreateAsync(servers.Postgres, servers.Redis.Connection);
        var placement = sandbox.Get<OrderPlacement>();
        await placement.PlaceAsync(OrdersSandbox.Placement());

        using var cost = new Cost();
        var results = await cost.OfAsync(() => Task.WhenAll(Enumerable.Range(0, 64).Select(_ => placement.PlaceAsync(OrdersSandbox.Placement()))));

        Assert.All(results, static result => Assert.Equal(PlaceOrderOutcome.Placed, result.Outcome));
        Assert.Equal(2 * cost.Batches, cost.RoundTrips);
        Assert.InRange(cost.Batches, 1, 8);
    }

    [Fact]
    public async Task A_payment_moves_an_order_in_three_round_trips()
    {
        await using var sandbox = await OrdersSandbox.CreateAsync(servers.Postgres, servers.Redis.Connection);
        var order = OrdersSandbox.Placement();
        await sandbox.Get<OrderPlacement>().PlaceAsync(order);

        using var cost = new Cost();
        var move = new OrderMove(order.OrderId, OrderStatus.Paid, Reason: null, CausedBy: Guid.CreateVersion7());
        Assert.True((await cost.OfAsync(() => sandbox.Get<OrderMoves>().MoveAsync(move))).Moved);

        Assert.Equal((1, 3), (cost.Batches, cost.RoundTrips));
    }

    [Fact]
    public async Task Orders_are_read_with_their_lines_in_one_round_trip()
    {
        await using var sandbox = await OrdersSandbox.CreateAsync(servers.Postgres, servers.Redis.Connection);
        var (placement, reader) = (sandbox.Get<OrderPlacement>(), sandbox.Get<OrderReader>());
        var orders = new List<Order>();
        for (var i = 0; i < 3; i++)
            orders.Add((await placement.PlaceAsync(OrdersSandbox.TwoLines("ada", email: $"ada+{i}@customers.example"))).Order!);
        await placement.PlaceAsync(OrdersSandbox.Placement("eve"));

        using var receiptCost = new Cost();
        var receipt = await receiptCost.OfAsync(() => reader.ReceiptAsync(orders[1].Id));
        using var listCost = new Cost();
        var list = await listCost.OfAsync(() => reader.ListAsync("ada", after: orders[2].Id, take: 2));

        Assert.Equal((1, 1), (receiptCost.RoundTrips, listCost.RoundTrips));
        Assert.Equal("ada+1@customers.example", receipt!.Email);
        AssertSame(orders[1], receipt.Order);
        Assert.Equal([orders[1].Id, orders[0].Id], list.Select(static order => order.Id)); // newest first
        AssertSame(orders[0], list[1]);

        static void AssertSame(Order expected, Order actual)
        {
            Assert.Equal(2, expected.Lines.Count);
            Assert.Equal(expected.Lines, actual.Lines);
            Assert.Equal((expected.Customer, expected.Total, expected.Status, expected.Version), (actual.Customer, actual.Total, actual.Status, actual.Version));
        }
    }

    [Fact]
    public async Task An_order_appends_its_own_event_and_one_for_the_products_of_its_batch()
    {
        await using var redis = await RedisFixture.StartServerAsync(persistent: false);
        await using var connection = await RedisFixture.ConnectAsync(redis);
        await using var sandbox = await OrdersSandbox.CreateAsync(servers.Postgres, connection);
        await sandbox.StartAsync();
        var placement = sandbox.Get<OrderPlacement>();
        await PlaceAndRelayAsync(sandbox, placement);

        var before = await AppendsAsync(connection);
        await PlaceAndRelayAsync(sandbox, placement);

        Assert.Equal(2, await AppendsAsync(connection) - before);
    }

    [Fact]
    public async Task An_order_reads_no_other_orders_also_with_plans_that_suited_a_small_table()
    {
        await using var sandbox = await OrdersSandbox.CreateAsync(servers.Postgres, servers.Redis.Connection);
        await using var connection = await sandbox.Database.OpenConnectionAsync();
        await PlaceAndEndAsync(20); // statements are prepared at their fifth use, and planned afresh another five times
        await connection.ExecuteAsync("ANALYZE orders, order_lines, order_steps"); // as autovacuum does: to the planner these tables are so small that it may as well read them all
        var read = new long[] { await RowsReadAsync(20), 0, 0 };
        for (var i = 1; i < read.Length; i++)
        {
            await PlaceAndEndAsync(20);
            read[i] = await RowsReadAsync(20 * (i + 1));
        }

        Assert.Equal(read[1] - read[0], read[2] - read[1]); // later orders read as much as earlier ones

        async Task PlaceAndEndAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                var order = OrdersSandbox.Placement();
                await sandbox.Get<OrderPlacement>().PlaceAsync(order);
                await sandbox.Get<OrderMoves>().MoveAsync(new OrderMove(order.OrderId, OrderStatus.Cancelled, "because", CausedBy: Guid.CreateVersion7()));
            }
        }

        // How many rows were read, from tables and through indexes, as soon as PostgreSQL has counted those that were written.
        async Task<long> RowsReadAsync(int orders) => (await Eventually.BecomesAsync(
            () => connection.QuerySingleAsync<(long Written, long Read)>(
                """
                SELECT min(n_tup_ins), (sum(seq_tup_read) + sum(rows))::bigint
                FROM pg_stat_user_tables
                JOIN (SELECT relid, sum(idx_tup_read) AS rows FROM pg_stat_user_indexes GROUP BY relid) AS indexes USING (relid)
                WHERE relname IN ('orders', 'order_lines', 'order_steps')
                """),
            seen => seen.Written >= orders,
            $"{orders} orders are counted")).Read;
    }

    private static async Task PlaceAndRelayAsync(ServiceSandbox sandbox, OrderPlacement placement)
    {
        await placement.PlaceAsync(OrdersSandbox.Placement());
        await Eventually.TrueAsync(async () => await sandbox.CountAsync("outbox WHERE published_at IS NULL") == 0, "every event of the order is published");
    }

    /// <summary>How often anybody called XADD on this server; scripts count too.</summary>
    private static async Task<long> AppendsAsync(IConnectionMultiplexer redis)
    {
        var commands = await redis.GetServers()[0].InfoAsync("commandstats");
        var line = commands.SelectMany(static group => group).FirstOrDefault(static pair => pair.Key == "cmdstat_xadd").Value;
        return line is null ? 0 : long.Parse(line.Split(',')[0]["calls=".Length..], CultureInfo.InvariantCulture);
    }

    /// <summary>Counts what happens within one trace of its own; polls in the background belong to no trace.</summary>
    private sealed class Cost : IDisposable
    {
        private const string Name = "Shop.Tests.OrderCost";

        private static readonly ActivitySource Source = new(Name);

        private readonly RecordedSpans _spans = new(Name, "Npgsql", "Shop.Messaging");
        private ActivityTraceId _trace;

        public int RoundTrips => Within.Count(static span => span.Source.Name == "Npgsql");

        public int Batches => Within.Count(static span => span.DisplayName.StartsWith("group commit", StringComparison.Ordinal));

        private IEnumerable<Activity> Within => _spans.Where(span => span.TraceId == _trace);

        public async Task<T> OfAsync<T>(Func<Task<T>> act)
        {
            using var root = Source.StartActivity("order") ?? throw new InvalidOperationException("Nobody listens.");
            _trace = root.TraceId;
            return await act();
        }

        public void Dispose() => _spans.Dispose();
    }
}
