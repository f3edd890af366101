using Shop.Benchmarks.Harness;

namespace Shop.Benchmarks.Scenarios.Orders;

/// <summary>
/// Ours is <see cref="ShopIntake"/>. The other is one process that has of all this only a cookie, which needs no store.
/// </summary>
internal sealed class OrderIntake : Scenario
{
    private const string Theirs = "EF Core";

    public override string Name => "order-intake";

    public override string Measures => "Place an order of two lines over HTTP, durable before 201; 64 connections.";

    public override int Order => 10;

    public override IReadOnlyList<Target> Targets => [Target.Ratio(8, ShopIntake.Title, Theirs), Target.P99BelowP50(ShopIntake.Title, Theirs)];

    public override TimeSpan WarmUp => TimeSpan.FromMinutes(2);

    public override IReadOnlyList<Side> CreateSides() => [new ShopIntake(), new ConventionalIntake()];

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
