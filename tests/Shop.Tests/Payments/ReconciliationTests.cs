using CsCheck;
using Shop.Contracts;
using Shop.Contracts.Payments;
using Shop.Payments.Charging;
using Shop.Payments.Settlements;
using Xunit;

namespace Shop.Tests.Payments;

public sealed class ReconciliationTests
{
    private static readonly DateOnly Day = new(2026, 11, 5);

    private static readonly DateTimeOffset Noon = new(2026, 11, 5, 12, 0, 0, TimeSpan.Zero);

    /// <summary>A movement under one key, as each side has it; null: it has not.</summary>
    private static readonly Gen<(int? Ours, int? Theirs, bool IsRefund)> Movement =
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3], Gen.Bool, static (ours, theirs, refund) => (ours == 0 ? (int?)null : ours, theirs == 0 ? (int?)null : theirs, refund));

    [Fact]
    public void The_totals_are_each_sides_own_and_the_differences_are_those_keys_that_differ_in_whatever_order_the_movements_come() =>
        Gen.Select(Movement.Array[0, 30], Gen.Int).Sample(static (movements, seed) =>
        {
            var reconciliation = new Reconciliation();
            var additions = movements.SelectMany((movement, i) => new Action?[]
            {
                movement.Ours is { } ours ? () => reconciliation.Add(new BookedMovement($"{i:00}", movement.IsRefund, Money.Of(ours))) : null,
                movement.Theirs is { } theirs ? () => reconciliation.Add(new ProviderMovement($"{i:00}", movement.IsRefund, Money.Of(theirs), new ProviderBooking($"r{i}", Noon))) : null,
            }).OfType<Action>().ToArray();
            new Random(seed).Shuffle(additions);
            foreach (var add in additions)
                add();

            var report = Assert.Single(reconciliation.Reports(Day, Noon));

            Assert.Equal(movements.Where(static movement => !movement.IsRefund).Sum(static movement => movement.Ours ?? 0), report.Captured);
            Assert.Equal(movements.Where(static movement => movement.IsRefund).Sum(static movement => movement.Ours ?? 0), report.Refunded);
            Assert.Equal(movements.Count(static movement => movement is { IsRefund: true, Ours: not null }), report.Refunds);
            Assert.Equal(movements.Where(static movement => !movement.IsRefund).Sum(static movement => movement.Theirs ?? 0), report.ProviderCaptured);
            Assert.Equal(
                movements.Select(static (movement, i) => (movement, Key: $"{i:00}")).Where(static pair => pair.movement.Ours != pair.movement.Theirs).Select(static pair => pair.Key),
                report.Differences.Select(static difference => difference.Key));
        });

    [Fact]
    public void A_capture_that_the_provider_has_as_a_refund_differs()
    {
        var reconciliation = new Reconciliation();
        reconciliation.Add(new BookedMovement("1", IsRefund: false, Money.Of(5)));
        reconciliation.Add(new ProviderMovement("1", IsRefund: true, Money.Of(5), new ProviderBooking("r", Noon)));

        Assert.Equal(SettlementDifferenceKind.AmountDiffers, Assert.Single(Assert.Single(reconciliation.Reports(Day, Noon)).Differences).Kind);
    }

    [Fact]
    public void A_bad_day_lists_its_first_thousand_differences_and_counts_them_all()
    {
        var reconciliation = new Reconciliation();
        for (var i = 0; i < 1500; i++)
            reconciliation.Add(new BookedMovement($"{i:0000}", IsRefund: false, Money.Of(1)));

        var report = Assert.Single(reconciliation.Reports(Day, Noon));

        Assert.Equal((1500, 1000, "0000"), (report.DifferenceCount, report.Differences.Count, report.Differences[0].Key));
    }

    [Fact]
    public void A_day_on_which_nothing_happened_has_a_report_all_the_same() =>
        Assert.Equal((Money.ShopCurrency, 0m, 0), Assert.Single(new Reconciliation().Reports(Day, Noon)) is var report ? (report.Currency, report.Net, report.DifferenceCount) : default);
}
