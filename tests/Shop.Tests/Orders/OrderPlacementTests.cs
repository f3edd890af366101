using Shop.Contracts.Orders;
using Shop.Orders.Checkout;
using Xunit;

namespace Shop.Tests.Orders;

public sealed class OrderPlacementTests(Servers servers)
{
    [Fact]
    public async Task An_order_takes_its_stock_and_writes_its_event_in_one_commit()
    {
        await using var sandbox = await OrdersSandbox.CreateAsync(servers.Postgres, servers.Redis.Connection);
        var before = await sandbox.StockAsync("KB-075");

        var placement = OrdersSandbox.Placement(quantity: 3);
        var result = await sandbox.Get<OrderPlacement>().PlaceAsync(placement);

        Assert.Equal(PlaceOrderOutcome.Placed, result.Outcome);
        Assert.Equal((3 * 129.00m, OrderStatus.Placed, 1), (result.Order!.Total.Amount, result.Order.Status, result.Order.Version));
        Assert.Equal(before - 3, await sandbox.StockAsync("KB-075"));
        Assert.Equal(["OrderPlaced"], await sandbox.EventsAsync(placement.OrderId));
        Assert.Equivalent(result.Order with { PlacedAt = default }, (await sandbox.Get<OrderReader>().GetAsync(placement.OrderId))! with { PlacedAt = default });
    }

    [Fact]
    public async Task Two_silos_never_sell_more_than_there_is()
    {
        await using var first = await OrdersSandbox.CreateAsync(servers.Postgres, servers.Redis.Connection);
        await using var second = first.Replica(OrdersSandbox.Register);

        var results = await Task.WhenAll(Enumerable.Range(0, 60).Select(i =>
            (i % 2 == 0 ? first : second).Get<OrderPlacement>().PlaceAsync(OrdersSandbox.Placement($"customer-{i}", sku: "LTD-01"))));

        Assert.Equal(5, results.Count(static result => result.Outcome == PlaceOrderOutcome.Placed));
        Assert.All(results.Where(static result => result.Outcome != PlaceOrderOutcome.Placed), static result => Assert.Equal((PlaceOrderOutcome.OutOfStock, "LTD-01"), (result.Outcome, result.Sku)));
        Assert.Equal(0, await first.StockAsync("LTD-01"));
        Assert.Equal(5, await first.CountAsync("orders"));
        Assert.Equal(5, await first.CountAsync("outbox WHERE stream = 'orders'"));
    }

    [Fact]
    public async Task Orders_over_the_same_products_in_opposite_order_do_not_deadlock()
    {
        await using var first = await OrdersSandbox.CreateAsync(servers.Postgres, servers.Redis.Connection);
        await using var second = first.Replica(OrdersSandbox.Register);
        static Placement Order(int i, params string[] skus) => Placement.Of(
            Guid.CreateVersion7(), new PlaceOrder($"c{i}", "k", "tok_4242", [.. skus.Select(static sku => new OrderedItem(sku, 1))]));

        var results = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => i % 2 == 0
            ? first.Get<OrderPlacement>().PlaceAsync(Order(i, "MUG-RD", "MUG-PG", "KB-075"))
            : second.Get<OrderPlacement>().PlaceAsync(Order(i, "KB-075", "MUG-PG", "MUG-RD"))));

        Assert.All(results, static result => Assert.Equal(PlaceOrderOutcome.Placed, result.Outcome));
    }

    [Fact]
    public async Task One_key_places_one_order_however_often_and_wherever_it_is_sent()
    {
        await using var first = await OrdersSandbox.CreateAsync(servers.Postgres, servers.Redis.Connection);
        await using var second = first.Replica(OrdersSandbox.Register);

        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(i =>
            (i % 2 == 0 ? first : second).Get<OrderPlacement>().PlaceAsync(OrdersSandbox.Placement(key: "the-key", quantity: 2))));

        Assert.Single(results, static result => result.Outcome == PlaceOrderOutcome.Placed);
        Assert.Single(results.Select(static result => result.Order!.Id).Distinct());
        Assert.All(results, static result => Assert.Equal(2, Assert.Single(result.Order!.Lines).Quantity));
        Assert.Equal(1, await first.CountAsync("orders"));
        Assert.Equal(1, await first.CountAsync("outbox WHERE stream = 'orders'"));
    }

    [Fact]
    public async Task The_same_key_with_another_request_is_refused_and_another_customers_key_is_not_the_same()
    {
        await using var sandbox = await OrdersSandbox.CreateAsync(servers.Postgres, servers.Redis.Connection);
        var orders = sandbox.Get<OrderPlacement>();
        await orders.PlaceAsync(OrdersSandbox.Placement("ada", "k", quantity: 1));

        Assert.Equal(PlaceOrderOutcome.KeyReused, (await orders.PlaceAsync(OrdersSandbox.Placement("ada", "k", quantity: 2))).Outcome);
        Assert.Equal(PlaceOrderOutcome.Placed, (await orders.PlaceAsync(OrdersSandbox.Placement("bob", "k", quantity: 2))).Outcome);
    }

    [Fact]
    public async Task A_refused_order_costs_its_neighbours_in_the_batch_nothing()
    {
        await using var sandbox = await OrdersSandbox.CreateAsync(servers.Postgres, servers.Redis.Connection);
        var orders = sandbox.Get<OrderPlacement>();

        var results = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => orders.PlaceAsync(
            i % 3 == 0 ? OrdersSandbox.Placement($"c{i}", sku: "NO-SUCH") : OrdersSandbox.Placement($"c{i}"))));

        for (var i = 0; i < results.Length; i++)
            Assert.Equal(i % 3 == 0 ? PlaceOrderOutcome.UnknownSku : PlaceOrderOutcome.Placed, results[i].Outcome);
        Assert.Equal(20, await sandbox.CountAsync("orders"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public void A_quantity_outside_1_to_99_is_named(int quantity) =>
        Assert.Contains($"'KB-075' is {quantity}", Assert.Throws<ArgumentException>(() => OrdersSandbox.Placement(quantity: quantity)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_customers_orders_are_listed_newest_first_and_page_by_page()
    {
        await using var sandbox = await OrdersSandbox.CreateAsync(servers.Postgres, servers.Redis.Connection);
        var placed = new List<Guid>();
        for (var i = 0; i < 5; i++)
            placed.Add((await sandbox.Get<OrderPlacement>().PlaceAsync(OrdersSandbox.Placement("ada"))).Order!.Id);
        await sandbox.Get<OrderPlacement>().PlaceAsync(OrdersSandbox.Placement("bob"));

        var reader = sandbox.Get<OrderReader>();
        var first = await reader.ListAsync("ada", after: null, take: 3);
        var second = await reader.ListAsync("ada", after: first[^1].Id, take: 3);

        Assert.Equal(Enumerable.Reverse(placed), first.Concat(second).Select(static order => order.Id));
        Assert.All(first, static order => Assert.Single(order.Lines));
    }

    [Fact]
    public async Task The_address_for_the_receipt_is_kept_with_the_order_and_in_no_event()
    {
        await using var sandbox = await OrdersSandbox.CreateAsync(servers.Postgres, servers.Redis.Connection);
        var placed = await Task.WhenAll(new[] { "ada@customers.example", null, "bob@customers.example" }.Select(
            email => sandbox.Get<OrderPlacement>().PlaceAsync(OrdersSandbox.Placement(email: email))));

        var reader = sandbox.Get<OrderReader>();
        var receipts = await Task.WhenAll(placed.Select(result => reader.ReceiptAsync(result.Order!.Id)));

        Assert.Equal(["ada@customers.example", null, "bob@customers.example"], receipts.Select(static receipt => receipt!.Email));
        Assert.Equal(placed.Select(static result => result.Order!.Id), receipts.Select(static receipt => receipt!.Order.Id));
        Assert.Single(receipts[0]!.Order.Lines);
        Assert.Null(await reader.ReceiptAsync(Guid.CreateVersion7()));
        Assert.Equal(0, await sandbox.CountAsync("outbox WHERE data LIKE '%customers.example%'"));
        Assert.Equal(3, await sandbox.CountAsync("outbox WHERE type = 'OrderPlaced'"));
    }
}
