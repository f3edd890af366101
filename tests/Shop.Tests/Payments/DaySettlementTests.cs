using System.Globalization;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Shop.Contracts;
using Shop.Contracts.Payments;
using Shop.Payments.Charging;
using Shop.Payments.Sandbox;
using Shop.Payments.Settlements;
using Xunit;

namespace Shop.Tests.Payments;

public sealed class DaySettlementTests(Servers servers)
{
    private static readonly DateOnly Day = new(2026, 11, 5);

    private readonly FakeTimeProvider _clock = new(At("2026-11-05T10:00:00"));

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_day_is_what_was_captured_and_refunded_on_it()
    {
        await using var sandbox = await CreateAsync();
        await TakeAsync(sandbox, 10.50m);
        var second = await TakeAsync(sandbox, 20);
        _clock.SetUtcNow(At("2026-11-05T23:59:59.999"));
        await TakeAsync(sandbox, 30);
        _clock.SetUtcNow(At("2026-11-06T00:00:00"));
        await TakeAsync(sandbox, 400);
        await GiveBackAsync(sandbox, second, 20);

        var today = Assert.Single(await SettleAsync(sandbox, Day));
        var tomorrow = Assert.Single(await SettleAsync(sandbox, Day.AddDays(1)));

        Assert.Equal(("EUR", 60.50m, 3, 0m, 0, 60.50m), (today.Currency, today.Captured, today.Captures, today.Refunded, today.Refunds, today.Net));
        Assert.Equal((400m, 1, 20m, 1, 380m), (tomorrow.Captured, tomorrow.Captures, tomorrow.Refunded, tomorrow.Refunds, tomorrow.Net));
        Assert.All([today, tomorrow], static report => Assert.Equal((0, report.Captured, report.Refunded), (report.DifferenceCount, report.ProviderCaptured, report.ProviderRefunded)));
        Assert.Equal([Day, Day.AddDays(1)], (await sandbox.Get<SettlementStore>().ReadAsync(Day, Day.AddDays(1), Cancelled)).Select(static report => report.Day));
    }

    [Fact]
    public async Task Every_way_in_which_the_provider_differs_is_listed_by_the_order()
    {
        await using var sandbox = await CreateAsync();
        var fine = await TakeAsync(sandbox, 1);
        var lost = await TakeAsync(sandbox, 2);
        var changed = await TakeAsync(sandbox, 3);
        var unknown = Guid.CreateVersion7();
        await sandbox.Get<IPaymentProvider>().ChargeAsync(ProviderKey.OfCapture(unknown), Money.Of(7), PaymentCard.Paying, Cancelled); // its worker died before it wrote that down
        await ExecuteAsync(sandbox, "DELETE FROM sandbox.ledger WHERE idempotency_key = @lost; UPDATE sandbox.ledger SET amount = 33 WHERE idempotency_key = @changed", new { lost = lost.ToString(), changed = changed.ToString() });

        var report = Assert.Single(await SettleAsync(sandbox, Day));

        Assert.Equal((6m, 41m, 3), (report.Captured, report.ProviderCaptured, report.DifferenceCount));
        Assert.Equal(
            new[]
            {
                (lost, SettlementDifferenceKind.MissingAtProvider, (Money?)Money.Of(2), (Money?)null),
                (changed, SettlementDifferenceKind.AmountDiffers, (Money?)Money.Of(3), (Money?)Money.Of(33)),
                (unknown, SettlementDifferenceKind.MissingHere, (Money?)null, (Money?)Money.Of(7)),
            }.OrderBy(static difference => difference.Item1.ToString(), StringComparer.Ordinal),
            report.Differences.Select(static difference => (Guid.Parse(difference.Key), difference.Kind, difference.Booked, difference.ProviderBooked)));
        Assert.DoesNotContain(report.Differences, difference => difference.Key == fine.ToString());
        Assert.NotNull(report.Differences.Single(difference => difference.Key == unknown.ToString()).ProviderReference);
        Assert.Equivalent(report, Assert.Single(await sandbox.Get<SettlementStore>().ReadAsync(Day, Day, Cancelled)));
    }

    [Fact]
    public async Task A_day_that_is_settled_again_replaces_its_reports()
    {
        await using var sandbox = await CreateAsync();
        await TakeAsync(sandbox, 5);
        await ExecuteAsync(sandbox, "INSERT INTO sandbox.ledger (idempotency_key, kind, reference, amount, currency, at) VALUES ('strange', 'capture', 'r', 9, 'CHF', @at)", new { at = _clock.GetUtcNow() });
        Assert.Equal([("CHF", 1), ("EUR", 0)], (await SettleAsync(sandbox, Day)).Select(static report => (report.Currency, report.DifferenceCount)));

        await ExecuteAsync(sandbox, "DELETE FROM sandbox.ledger WHERE idempotency_key = 'strange'", null);
        await Task.WhenAll(SettleAsync(sandbox, Day), SettleAsync(sandbox, Day));

        var report = Assert.Single(await sandbox.Get<SettlementStore>().ReadAsync(Day, Day, Cancelled));
        Assert.Equal(("EUR", 5m, 0), (report.Currency, report.Captured, report.DifferenceCount));
    }

    [Fact]
    public async Task A_capture_that_a_dead_worker_left_and_that_was_given_back_is_on_the_days_of_both()
    {
        await using var sandbox = await CreateAsync();
        var (provider, store, order) = (sandbox.Get<IPaymentProvider>(), sandbox.Get<PaymentStore>(), Guid.CreateVersion7());
        await store.ClaimAsync(new PaymentClaim(order, Money.Of(50), 1), Cancelled);
        await provider.ChargeAsync(ProviderKey.OfCapture(order), Money.Of(50), PaymentCard.Paying, Cancelled);

        _clock.SetUtcNow(At("2026-11-06T08:00:00"));
        var capture = await provider.FindCaptureAsync(ProviderKey.OfCapture(order), Cancelled);
        var refund = await provider.RefundAsync(ProviderKey.OfRefund(order), Money.Of(50), Cancelled);
        await store.SettleAsync(new Settlement(order, 1, Guid.CreateVersion7(), PaymentStatus.Pending, PaymentStatus.Refunded, Money.Of(50), capture, refund), Cancelled);

        var (first, second) = (Assert.Single(await SettleAsync(sandbox, Day)), Assert.Single(await SettleAsync(sandbox, Day.AddDays(1))));
        Assert.Equal((50m, 0m, 0), (first.Captured, first.Refunded, first.DifferenceCount));
        Assert.Equal((0m, 50m, 0), (second.Captured, second.Refunded, second.DifferenceCount));
    }

    [Fact]
    public async Task Progress_is_told_hour_by_hour()
    {
        await using var sandbox = await CreateAsync();
        var told = new List<int>();

        await sandbox.Get<DaySettlement>().SettleAsync(Day, hours => { told.Add(hours); return Task.CompletedTask; }, Cancelled);

        Assert.Equal(Enumerable.Range(1, 24), told);
    }

    [Fact]
    public async Task Days_that_were_missed_are_known_from_the_first_sale_on_but_no_longer_than_a_month()
    {
        await using var sandbox = await CreateAsync();
        var store = sandbox.Get<SettlementStore>();
        Assert.Empty(await store.MissingBeforeAsync(Day, Cancelled));

        await TakeAsync(sandbox, 5);
        await SettleAsync(sandbox, Day.AddDays(2));
        Assert.Equal([Day, Day.AddDays(1), Day.AddDays(3)], await store.MissingBeforeAsync(Day.AddDays(4), Cancelled));
        Assert.Empty(await store.MissingBeforeAsync(Day, Cancelled));

        var inAYear = await store.MissingBeforeAsync(Day.AddYears(1), Cancelled);
        Assert.Equal((31, Day.AddYears(1).AddDays(-31)), (inAYear.Count, inAYear[0]));
    }

    private async Task<Guid> TakeAsync(ServiceSandbox sandbox, decimal amount)
    {
        var order = Guid.CreateVersion7();
        var charge = await sandbox.Get<IPaymentProvider>().ChargeAsync(ProviderKey.OfCapture(order), Money.Of(amount), PaymentCard.Paying, Cancelled);
        _clock.Advance(TimeSpan.FromTicks(10)); // the shop writes it down later than the provider
        await sandbox.Get<PaymentStore>().ClaimAsync(new PaymentClaim(order, Money.Of(amount), 1), Cancelled);
        await sandbox.Get<PaymentStore>().SettleAsync(new Settlement(order, 1, Guid.CreateVersion7(), PaymentStatus.Pending, PaymentStatus.Captured, Money.Of(amount), charge.Booking), Cancelled);
        return order;
    }

    private static async Task GiveBackAsync(ServiceSandbox sandbox, Guid order, decimal amount)
    {
        var refund = await sandbox.Get<IPaymentProvider>().RefundAsync(ProviderKey.OfRefund(order), Money.Of(amount), Cancelled);
        await sandbox.Get<PaymentStore>().ClaimAsync(new PaymentClaim(order, Money.Of(amount), 2), Cancelled);
        await sandbox.Get<PaymentStore>().SettleAsync(new Settlement(order, 2, Guid.CreateVersion7(), PaymentStatus.Captured, PaymentStatus.Refunded, Money.Of(amount), Refund: refund), Cancelled);
    }

    private static Task<IReadOnlyList<SettlementReport>> SettleAsync(ServiceSandbox sandbox, DateOnly day) =>
        sandbox.Get<DaySettlement>().SettleAsync(day, static _ => Task.CompletedTask, Cancelled);

    private static async Task ExecuteAsync(ServiceSandbox sandbox, string sql, object? parameters)
    {
        await using var connection = await sandbox.Database.OpenConnectionAsync(Cancelled);
        await connection.ExecuteAsync(sql, parameters);
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private Task<ServiceSandbox> CreateAsync() => ServiceSandbox.CreateAsync(
        servers.Postgres, servers.Redis.Connection, typeof(PaymentStore).Assembly,
        (services, _) => services.AddSingleton<TimeProvider>(_clock)
            .AddSingleton<PaymentStore>().AddSingleton<IPaymentProvider, SandboxProvider>().AddSingleton<SettlementStore>().AddSingleton<DaySettlement>());
}
