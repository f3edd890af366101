using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Shop.Contracts;
using Shop.Contracts.Payments;
using Shop.Payments.Charging;
using Shop.Payments.Sandbox;
using Shop.Redis.Locks;
using Xunit;

namespace Shop.Tests.Payments;

public sealed class PaymentStoreTests(Servers servers)
{
    private static readonly Money Amount = Money.Of(42);

    [Fact]
    public async Task A_worker_that_slept_past_its_lock_cannot_write()
    {
        await using var sandbox = await CreateAsync();
        var (store, provider) = (sandbox.Get<PaymentStore>(), sandbox.Get<IPaymentProvider>());
        var order = Guid.CreateVersion7();

        // The sleeper's clock stands still, as a paused process's does: its lock is not renewed, and it does not notice.
        await using var sleepersLocks = new RedisLocks(servers.Redis.Connection, sandbox.Prefix, clock: new FakeTimeProvider());
        await using var othersLocks = new RedisLocks(servers.Redis.Connection, sandbox.Prefix);
        await using var sleeper = await sleepersLocks.AcquireAsync("payment", TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        Assert.Equal(PaymentStatus.Pending, await store.ClaimAsync(new PaymentClaim(order, Amount, sleeper.FencingToken), TestContext.Current.CancellationToken));
        var sleepersCharge = await provider.ChargeAsync(order.ToString(), Amount, PaymentCard.Paying, TestContext.Current.CancellationToken);

        await using var other = await othersLocks.AcquireAsync("payment", TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.True(other.FencingToken > sleeper.FencingToken);
        Assert.Equal(PaymentStatus.Pending, await store.ClaimAsync(new PaymentClaim(order, Amount, other.FencingToken), TestContext.Current.CancellationToken));

        // The sleeper wakes up first, while the other is still at work: its lock is gone, so it must not write.
        await Assert.ThrowsAsync<StaleFencingTokenException>(() => store.SettleAsync(
            new Settlement(order, sleeper.FencingToken, Guid.CreateVersion7(), PaymentStatus.Pending, PaymentStatus.Captured, Amount, sleepersCharge.Booking),
            TestContext.Current.CancellationToken));
        Assert.Empty(await EventsAsync(sandbox));

        var charge = await provider.ChargeAsync(order.ToString(), Amount, PaymentCard.Paying, TestContext.Current.CancellationToken);
        await store.SettleAsync(
            new Settlement(order, other.FencingToken, Guid.CreateVersion7(), PaymentStatus.Pending, PaymentStatus.Captured, Amount, charge.Booking),
            TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<StaleFencingTokenException>(() => store.ClaimAsync(new PaymentClaim(order, Amount, sleeper.FencingToken), TestContext.Current.CancellationToken));

        Assert.Equal(["PaymentCaptured"], await EventsAsync(sandbox));
        Assert.Equal(sleepersCharge.Booking, charge.Booking);
        Assert.Equal(1, await sandbox.CountLedgerAsync());
    }

    [Fact]
    public async Task A_settled_payment_says_so_to_the_next_holder()
    {
        await using var sandbox = await CreateAsync();
        var store = sandbox.Get<PaymentStore>();
        var order = Guid.CreateVersion7();

        await store.ClaimAsync(new PaymentClaim(order, Amount, 1), TestContext.Current.CancellationToken);
        await store.SettleAsync(new Settlement(order, 1, Guid.CreateVersion7(), PaymentStatus.Pending, PaymentStatus.Declined, Amount, Reason: "no"), TestContext.Current.CancellationToken);

        Assert.Equal(PaymentStatus.Declined, await store.ClaimAsync(new PaymentClaim(order, Amount, 2), TestContext.Current.CancellationToken));
        Assert.Equal(["PaymentDeclined"], await EventsAsync(sandbox));
    }

    [Fact]
    public async Task A_voided_payment_is_never_charged_and_says_nothing()
    {
        await using var sandbox = await CreateAsync();
        var store = sandbox.Get<PaymentStore>();
        var order = Guid.CreateVersion7();

        await store.ClaimAsync(new PaymentClaim(order, Amount, 1), TestContext.Current.CancellationToken);
        await store.SettleAsync(new Settlement(order, 1, Guid.CreateVersion7(), PaymentStatus.Pending, PaymentStatus.Voided, Amount), TestContext.Current.CancellationToken);

        Assert.Equal(PaymentStatus.Voided, await store.ClaimAsync(new PaymentClaim(order, Amount, 2), TestContext.Current.CancellationToken));
        Assert.Empty(await EventsAsync(sandbox));
    }

    [Fact]
    public async Task Many_orders_settle_at_once_each_with_its_own_outcome()
    {
        await using var sandbox = await CreateAsync();
        var store = sandbox.Get<PaymentStore>();
        var orders = Enumerable.Range(0, 50).Select(static _ => Guid.CreateVersion7()).ToArray();

        await Task.WhenAll(orders.Select(order => store.ClaimAsync(new PaymentClaim(order, Amount, 7), CancellationToken.None)));
        await Task.WhenAll(orders.Select((order, i) => store.SettleAsync(
            i % 2 == 0
                ? new Settlement(order, 7, Guid.CreateVersion7(), PaymentStatus.Pending, PaymentStatus.Captured, Amount, new ProviderBooking($"ref-{i}", TimeProvider.System.GetUtcNow()))
                : new Settlement(order, 7, Guid.CreateVersion7(), PaymentStatus.Pending, PaymentStatus.Declined, Amount, Reason: "no"),
            CancellationToken.None)));

        for (var i = 0; i < orders.Length; i++)
            Assert.Equal(i % 2 == 0 ? PaymentStatus.Captured : PaymentStatus.Declined, await store.ClaimAsync(new PaymentClaim(orders[i], Amount, 8), CancellationToken.None));
    }

    private Task<ServiceSandbox> CreateAsync() => ServiceSandbox.CreateAsync(
        servers.Postgres, servers.Redis.Connection, typeof(PaymentStore).Assembly,
        static (services, _) => services.AddSingleton<PaymentStore>().AddSingleton<IPaymentProvider, SandboxProvider>());

    private static async Task<string[]> EventsAsync(ServiceSandbox sandbox)
    {
        await using var connection = await sandbox.Database.OpenConnectionAsync();
        return [.. await connection.QueryAsync<string>("SELECT type FROM outbox ORDER BY position")];
    }
}
