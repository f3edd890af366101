namespace Shop.Benchmarks.Scenarios.Orders;

/// <summary>
/// Shop.Web and Shop.Orders, one process each, with sessions in Redis, rate limits (raised), idempotency and the outbox's relay at
/// work; nobody reads the stream.
/// </summary>
internal sealed class ShopIntake : IntakeSide
{
    public const string Title = "Shop";

    public override string Name => Title;

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
