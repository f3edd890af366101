using Shop.Benchmarks.Harness;

namespace Shop.Benchmarks.Scenarios.Orders;

/// <summary>
/// Ours is Shop.Web and Shop.Orders, one process each, with sessions in Redis, rate limits (raised), idempotency and the outbox's
/// relay at work; nobody reads the stream. The other is one process that has none of these but a cookie that needs no store.
/// </summary>
internal sealed class OrderIntake : Scenario
{
    private const string Ours = "Shop", Theirs = "EF Core";

    public override string Name => "order-intake";

    public override string Measures => "Place an order of two lines over HTTP, durable before 201; 64 connections.";

    public override int Order => 10;

    public override IReadOnlyList<Target> Targets => [Target.Ratio(8, Ours, Theirs), Target.P99BelowP50(Ours, Theirs)];

    public override IReadOnlyList<Side> CreateSides() => [new OurIntake(), new ConventionalIntake()];

    private sealed class OurIntake : IntakeSide
    {
        public override string Name => OrderIntake.Ours;

        public override bool Ours => true;

        protected override string[] Services => ["web", "orders"];

        protected override void Describe(IDistributedApplicationBuilder builder)
        {
            var redis = builder.AddRedis("redis");
            var postgres = builder.AddPostgres("postgres");
            var (ordersDb, webDb) = (postgres.AddDatabase("ordersdb"), postgres.AddDatabase("webdb"));
            var shop = builder.AddOrleans("shop").WithClusterId("shop").WithServiceId("shop").WithClustering(redis);
            var orders = builder.AddProject<Projects.Shop_Orders>("orders").InProduction().WithHttpHealthCheck("/health")
                .WithReference(shop).WithReference(redis).WaitFor(redis).WithReference(ordersDb).WaitFor(ordersDb);
            builder.AddProject<Projects.Shop_Web>("web").InProduction().WithHttpHealthCheck("/health")
                .WithReference(shop.AsClient()).WithReference(redis).WithReference(webDb).WaitFor(webDb).WaitFor(orders)
                .WithRoomyLimits();
        }

        protected override Task FillShelvesAsync(string postgres, CancellationToken cancellationToken) =>
            ExecuteAsync(postgres, "ordersdb", "UPDATE stock SET available = 1000000000", cancellationToken);

        protected override Task<string> SignInAsync(HttpClient http, string email, CancellationToken cancellationToken) =>
            CookieOfAsync(http, "/api/accounts", new { email, password = "a-password-for-benchmarks", name = email.Split('@')[0] }, cancellationToken);
    }

    private sealed class ConventionalIntake : IntakeSide
    {
        public override string Name => Theirs;

        protected override string[] Services => ["conventional"];

        protected override void Describe(IDistributedApplicationBuilder builder)
        {
            var database = builder.AddPostgres("postgres").AddDatabase("conventionaldb");
            builder.AddProject<Projects.Shop_ConventionalOrders>("conventional").InProduction().WithHttpHealthCheck("/health").WithReference(database).WaitFor(database);
        }

        protected override Task FillShelvesAsync(string postgres, CancellationToken cancellationToken) => ExecuteAsync(
            postgres,
            "conventionaldb",
            $"INSERT INTO products (sku, name, price, available) VALUES {string.Join(", ", OrderRequests.Skus.Select(static sku => $"('{sku}', 'Product {sku}', 12.90, 1000000000)"))}",
            cancellationToken);

        protected override Task<string> SignInAsync(HttpClient http, string email, CancellationToken cancellationToken) =>
            CookieOfAsync(http, "/api/session", new { email }, cancellationToken);
    }
}
