using Shop.Benchmarks.Harness;
using Shop.Contracts;
using Shop.Contracts.Orders;
using Shop.Messaging;
using Shop.Orders.Catalogue;
using Shop.Orders.Checkout;
using Shop.Redis.Caching;
using StackExchange.Redis;

namespace Shop.Benchmarks.Scenarios.Orders;

/// <summary>The store of Shop.Orders as the grains call it. Its events stay in the outbox: no relay runs.</summary>
internal sealed class GroupCommitStore : StoreSide
{
    public const string Title = "OrderPlacement";

    private ConnectionMultiplexer? _redis;
    private OrderPlacement? _placement;

    public override string Name => Title;

    public override bool Ours => true;

    protected override int Connections => 12; // as a service has

    public override async Task StartAsync(BenchServers servers, CancellationToken cancellationToken)
    {
        await base.StartAsync(servers, cancellationToken);
        _redis = await servers.ConnectAsync(cancellationToken);
        var outbox = new Outbox(Source, new OutboxOptions().Events(EventsJson.Default));
        _placement = new OrderPlacement(outbox, new OrderReader(Source), new CatalogueChanges(new CacheInvalidator(_redis, "bench:")), TimeProvider.System);
    }

    public override Task RunAsync(Measurement measurement) => measurement.ClosedLoopAsync(Callers, async caller =>
    {
        var (first, second) = OrderRequests.TwoSkus();
        var command = new PlaceOrder($"customer-{caller}", Guid.CreateVersion7().ToString("N"), "tok_4242", [new OrderedItem(first, 1), new OrderedItem(second, 1)]);
        if (await _placement!.PlaceAsync(Placement.Of(Guid.CreateVersion7(), command)) is not { Outcome: PlaceOrderOutcome.Placed } result)
            throw new InvalidOperationException("An order was not placed.");
    });

    public override async ValueTask DisposeAsync()
    {
        if (_placement is not null)
            await _placement.DisposeAsync();
        await base.DisposeAsync();
        if (_redis is not null)
            await _redis.DisposeAsync();
    }
}
