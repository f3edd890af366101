using Shop.Benchmarks.Harness;

namespace Shop.Benchmarks.Scenarios.Orders;

/// <summary>How long a page of the storefront takes when nothing else is asked for. The whole application runs; Web's second replica rests.</summary>
internal sealed class Pages : Scenario
{
    private const string Catalogue = "catalogue", OneOrder = "an order";

    public override string Name => "pages";

    public override string Measures => "Get a page of the storefront as a customer who is signed in, one request at a time, up to the last byte of its HTML.";

    public override int Order => 110;

    public override IReadOnlyList<Target> Targets => [Target.P50(Catalogue, 10), Target.P50(OneOrder, 10)];

    public override TimeSpan WarmUp => TimeSpan.FromSeconds(30);

    public override IReadOnlyList<Side> CreateSides()
    {
        var visit = new Visit();
        return [new First(visit), new Page(visit, OneOrder, static visit => $"/orders/{visit.Order}")];
    }

    /// <summary>What the sides share: the application, which the first starts and disposes, a customer, and an order of theirs.</summary>
    private sealed class Visit
    {
        public FlowShop? Shop { get; set; }

        public Customer Customer { get; set; } = null!;

        public Guid Order { get; set; }
    }

    private class Page(Visit visit, string name, Func<Visit, string> path) : Side
    {
        public override string Name => name;

        public override bool Ours => true;

        public override IReadOnlyDictionary<string, int[]> Processes => visit.Shop!.Processes;

        public override Task RunAsync(Measurement measurement) => measurement.ClosedLoopAsync(callers: 1, _ => visit.Customer.GetAsync(path(visit)));
    }

    private sealed class First(Visit visit) : Page(visit, Catalogue, static _ => "/products")
    {
        private readonly Visit _visit = visit;

        public override async Task StartAsync(BenchServers servers, CancellationToken cancellationToken)
        {
            _visit.Shop = await FlowShop.StartAsync(servers, cancellationToken);
            _visit.Customer = await _visit.Shop.EnterAsync(cancellationToken);
            _visit.Order = await _visit.Customer.PlaceAsync();
        }

        public override async ValueTask DisposeAsync()
        {
            _visit.Customer?.Dispose();
            if (_visit.Shop is { } shop)
                await shop.DisposeAsync();
        }
    }
}
