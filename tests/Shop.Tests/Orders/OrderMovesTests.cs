using Shop.Contracts.Orders;
using Shop.Orders.Checkout;
using Shop.Orders.Fulfilment;
using Xunit;

namespace Shop.Tests.Orders;

public sealed class OrderMovesTests(Servers servers)
{
    [Fact]
    public async Task A_paid_order_is_paid_once_however_often_the_event_comes()
    {
        await using var sandbox = await OrdersSandbox.CreateAsync(servers.Postgres, servers.Redis.Connection);
        var id = await PlaceAsync(sandbox);
        var cause = Guid.CreateVersion7();

        var results = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => sandbox.Get<OrderMoves>().MoveAsync(new OrderMove(id, OrderStatus.Paid, CausedBy: cause))));

        Assert.Single(results, static result => result.Moved);
        Assert.All(results, static result => Assert.Equal((OrderStatus.Paid, 2), (result.Status, result.Version)));
        Assert.Equal(["OrderPlaced", "OrderPaid"], await sandbox.EventsAsync(id));
    }

    [Theory]
    [InlineData(OrderStatus.Declined)]
    [InlineData(OrderStatus.Cancelled)]
    public async Task Stock_comes_back_when_an_order_ends_without_a_sale(OrderStatus end)
    {
        await using var sandbox = await OrdersSandbox.CreateAsync(servers.Postgres, servers.Redis.Connection);
        var before = await sandbox.StockAsync("KB-075");
        var id = await PlaceAsync(sandbox, quantity: 4);

        await sandbox.Get<OrderMoves>().MoveAsync(new OrderMove(id, end, "because"));
        await sandbox.Get<OrderMoves>().MoveAsync(new OrderMove(id, end, "because"));

        Assert.Equal(before, await sandbox.StockAsync("KB-075"));
        Assert.Equal("because", (await sandbox.Get<OrderReader>().GetAsync(id))!.Reason);
    }

    [Fact]
    public async Task Money_that_arrives_after_the_cancellation_does_not_bring_the_order_back()
    {
        await using var sandbox = await OrdersSandbox.CreateAsync(servers.Postgres, servers.Redis.Connection);
        var id = await PlaceAsync(sandbox);
        var moves = sandbox.Get<OrderMoves>();

        await moves.MoveAsync(new OrderMove(id, OrderStatus.Cancelled, "too late"));
        var paid = await moves.MoveAsync(new OrderMove(id, OrderStatus.Paid, CausedBy: Guid.CreateVersion7()));
        var refunded = await moves.MoveAsync(new OrderMove(id, OrderStatus.Refunded, CausedBy: Guid.CreateVersion7()));

        Assert.False(paid.Moved);
        Assert.Equal(OrderStatus.Cancelled, paid.Status);
        Assert.Equal((true, OrderStatus.Refunded, "too late"), (refunded.Moved, refunded.Status, refunded.Reason));
        Assert.Equal(["OrderPlaced", "OrderCancelled", "OrderRefunded"], await sandbox.EventsAsync(id));
    }

    [Fact]
    public async Task The_deadline_does_not_cancel_what_was_paid_meanwhile()
    {
        await using var sandbox = await OrdersSandbox.CreateAsync(servers.Postgres, servers.Redis.Connection);
        var id = await PlaceAsync(sandbox);
        var moves = sandbox.Get<OrderMoves>();

        await moves.MoveAsync(new OrderMove(id, OrderStatus.Paid, CausedBy: Guid.CreateVersion7()));
        var overdue = await moves.MoveAsync(new OrderMove(id, OrderStatus.Cancelled, "overdue", OnlyFrom: OrderStatus.Placed));

        Assert.Equal((false, OrderStatus.Paid), (overdue.Moved, overdue.Status));
    }

    [Fact]
    public async Task Moves_of_many_orders_at_once_each_find_their_own_order()
    {
        await using var sandbox = await OrdersSandbox.CreateAsync(servers.Postgres, servers.Redis.Connection);
        var ids = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => PlaceAsync(sandbox, $"c{i}")));
        static OrderStatus Wanted(int i) => (i % 3) switch { 0 => OrderStatus.Paid, 1 => OrderStatus.Declined, _ => OrderStatus.Cancelled };

        await Task.WhenAll(ids.Select((id, i) => sandbox.Get<OrderMoves>().MoveAsync(new OrderMove(id, Wanted(i), "r", Guid.CreateVersion7()))));

        for (var i = 0; i < ids.Length; i++)
            Assert.Equal(Wanted(i), (await sandbox.Get<OrderReader>().GetAsync(ids[i]))!.Status);
    }

    [Fact]
    public async Task The_history_tells_every_step_from_the_first()
    {
        await using var sandbox = await OrdersSandbox.CreateAsync(servers.Postgres, servers.Redis.Connection);
        var id = await PlaceAsync(sandbox);
        await sandbox.Get<OrderMoves>().MoveAsync(new OrderMove(id, OrderStatus.Paid));
        await sandbox.Get<OrderMoves>().MoveAsync(new OrderMove(id, OrderStatus.Cancelled, "changed my mind"));

        var all = await sandbox.Get<OrderReader>().HistoryAsync(id, after: 0);
        var rest = await sandbox.Get<OrderReader>().HistoryAsync(id, after: 2);

        Assert.Equal([(1, OrderStatus.Placed), (2, OrderStatus.Paid), (3, OrderStatus.Cancelled)], all.Select(static step => (step.Version, step.Status)));
        Assert.Equal(all[2], Assert.Single(rest));
    }

    [Fact]
    public async Task Only_orders_that_wait_too_long_are_overdue()
    {
        await using var sandbox = await OrdersSandbox.CreateAsync(servers.Postgres, servers.Redis.Connection);
        var waiting = await PlaceAsync(sandbox);
        var paid = await PlaceAsync(sandbox);
        await sandbox.Get<OrderMoves>().MoveAsync(new OrderMove(paid, OrderStatus.Paid));
        var now = TimeProvider.System.GetUtcNow();

        Assert.Equal([waiting], await sandbox.Get<OrderReader>().OverdueAsync(now.AddMinutes(1), take: 10));
        Assert.Empty(await sandbox.Get<OrderReader>().OverdueAsync(now.AddMinutes(-1), take: 10));
    }

    private static async Task<Guid> PlaceAsync(ServiceSandbox sandbox, string customer = "ada", int quantity = 1) =>
        (await sandbox.Get<OrderPlacement>().PlaceAsync(OrdersSandbox.Placement(customer, quantity: quantity))).Order!.Id;
}
