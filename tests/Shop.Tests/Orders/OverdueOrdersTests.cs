using Microsoft.Extensions.DependencyInjection;
using Shop.Contracts;
using Shop.Contracts.Orders;
using Shop.Orders.Checkout;
using Shop.Orders.Fulfilment;
using Shop.Redis.Jobs;
using Shop.Testing;
using StackExchange.Redis;
using Xunit;

namespace Shop.Tests.Orders;

/// <summary>The payment deadline as the service runs it: a cron job, on two replicas.</summary>
public sealed class OverdueOrdersTests(Servers servers)
{
    private static readonly PaymentDeadlineOptions EverySecond = new() { Deadline = TimeSpan.FromSeconds(3), Cron = "* * * * * *" };

    [Fact]
    public async Task Orders_whose_payment_does_not_answer_are_cancelled_and_paid_ones_are_left_alone()
    {
        await using var first = await CreateAsync(servers.Redis.Connection);
        await using var second = first.Replica(Register);
        var before = await first.StockAsync("KB-075");
        var paid = await PlaceAsync(first);
        await first.Get<OrderMoves>().MoveAsync(new OrderMove(paid, OrderStatus.Paid, CausedBy: Guid.CreateVersion7()));
        var waiting = await PlaceAsync(first);

        await Task.WhenAll(first.StartAsync(), second.StartAsync());
        await CancelledAsync(first, waiting);

        Assert.Equal(["OrderPlaced", "OrderCancelled"], await first.EventsAsync(waiting));
        Assert.Equal(OrderStatus.Paid, (await first.Get<OrderReader>().GetAsync(paid))!.Status);
        Assert.Equal(before - 1, await first.StockAsync("KB-075"));
    }

    [Fact]
    public async Task A_wiped_redis_forgets_no_deadline()
    {
        await using var server = await RedisFixture.StartServerAsync();
        await using var connection = await RedisFixture.ConnectAsync(server);
        await using var sandbox = await CreateAsync(connection);
        await sandbox.StartAsync();
        var waiting = await PlaceAsync(sandbox);

        await connection.GetServers()[0].FlushAllDatabasesAsync();

        await CancelledAsync(sandbox, waiting);
    }

    [Fact]
    public async Task Orders_are_found_by_the_first_sweep_after_nobody_was_there_for_a_while()
    {
        await using var sandbox = await CreateAsync(servers.Redis.Connection);
        var waiting = await PlaceAsync(sandbox);

        // No worker, no schedule, and more than a tick has passed; then the service starts.
        await Eventually.BecomesAsync(
            () => sandbox.Get<OrderReader>().OverdueAsync(TimeProvider.System.GetUtcNow() - EverySecond.Deadline, take: 10), static overdue => overdue.Count == 1, "the order to be overdue");
        await sandbox.StartAsync();

        await CancelledAsync(sandbox, waiting);
    }

    [Fact]
    public void The_default_looks_every_minute_and_passes_missed_ticks_over()
    {
        var schedule = OverdueOrders.Schedule(new PaymentDeadlineOptions());

        Assert.Equal(("* * * * *", MissedTicks.Skip), (schedule.Expression, schedule.MissedTicks));
    }

    private static async Task CancelledAsync(ServiceSandbox sandbox, Guid order)
    {
        var cancelled = await Eventually.BecomesAsync(
            () => sandbox.Get<OrderReader>().GetAsync(order), static found => found!.Status == OrderStatus.Cancelled, "the order to be cancelled", TimeSpan.FromSeconds(60));
        Assert.Equal("No payment within 0.1 minutes.", cancelled!.Reason);
    }

    private static async Task<Guid> PlaceAsync(ServiceSandbox sandbox) =>
        (await sandbox.Get<OrderPlacement>().PlaceAsync(OrdersSandbox.Placement())).Order!.Id;

    private Task<ServiceSandbox> CreateAsync(IConnectionMultiplexer redis) =>
        ServiceSandbox.CreateAsync(servers.Postgres, redis, typeof(OrderGrain).Assembly, Register);

    private static void Register(IServiceCollection services, string prefix)
    {
        OrdersSandbox.Register(services, prefix);
        services.AddSingleton(EverySecond)
            .AddSingleton(static provider => GrainDoubles.Of((_, key) => new MovesDouble((Guid)key, provider.GetRequiredService<OrderMoves>())))
            .AddJobs(prefix, new JobWorkerOptions { Queue = Queues.Overdue }, static jobs => jobs
                .Handle<SweepOverdue, OverdueOrders>(OverdueOrders.Sweep)
                .Cron(OverdueOrders.Schedule(EverySecond), OverdueOrders.Sweep, static _ => new SweepOverdue(), OverdueOrders.OneAtATime));
    }

    /// <summary>The order's grain, without its runtime.</summary>
    private sealed class MovesDouble(Guid id, OrderMoves moves) : IOrderMovesGrain
    {
        public Task ApplyPaymentAsync(Guid eventId, OrderStatus to, string? reason) => throw new NotSupportedException();

        public Task CancelOverdueAsync(string reason) => moves.MoveAsync(new OrderMove(id, OrderStatus.Cancelled, reason, OnlyFrom: OrderStatus.Placed));
    }
}
