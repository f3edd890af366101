using Shop.Contracts;
using Shop.Contracts.Payments;
using Shop.Payments.Charging;

namespace Shop.Payments.Settlements;

/// <summary>A movement of money in the shop's own books.</summary>
public sealed record BookedMovement(string Key, bool IsRefund, Money Amount);

/// <summary>
/// Compares the shop's movements with the provider's, in whatever order they come. Two that agree are added up and forgotten, so
/// that only those without their counterpart take room.
/// </summary>
internal sealed class Reconciliation
{
    /// <summary>A report lists so many differences, and counts the others.</summary>
    public const int MaxListed = 1000;

    private readonly Dictionary<string, BookedMovement> _booked = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ProviderMovement> _provider = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Totals> _totals = new(StringComparer.Ordinal) { [Money.ShopCurrency] = new Totals() };

    /// <summary>Adds a movement of the shop's books.</summary>
    public void Add(BookedMovement movement)
    {
        Of(movement.Amount).AddBooked(movement);
        if (_provider.Remove(movement.Key, out var counterpart))
            Compare(movement, counterpart);
        else
            _booked.Add(movement.Key, movement);
    }

    /// <summary>Adds a line of the provider's ledger.</summary>
    public void Add(ProviderMovement movement)
    {
        Of(movement.Amount).AddProvider(movement);
        if (_booked.Remove(movement.IdempotencyKey, out var counterpart))
            Compare(counterpart, movement);
        else
            _provider.Add(movement.IdempotencyKey, movement);
    }

    /// <summary>A report for each currency that moved, and for the shop's own in any case: a day without sales is told from one without a report.</summary>
    public IReadOnlyList<SettlementReport> Reports(DateOnly day, DateTimeOffset madeAt)
    {
        foreach (var movement in _booked.Values)
            Of(movement.Amount).Differences.Add(new SettlementDifference(movement.Key, SettlementDifferenceKind.MissingAtProvider, movement.Amount, null, null));
        foreach (var movement in _provider.Values)
            Of(movement.Amount).Differences.Add(new SettlementDifference(movement.IdempotencyKey, SettlementDifferenceKind.MissingHere, null, movement.Amount, movement.Booking.Reference));
        _booked.Clear();
        _provider.Clear();
        return [.. _totals.Select(pair => pair.Value.Report(day, pair.Key, madeAt))];
    }

    private void Compare(BookedMovement booked, ProviderMovement provider)
    {
        if (booked.Amount != provider.Amount || booked.IsRefund != provider.IsRefund)
            Of(booked.Amount).Differences.Add(new SettlementDifference(booked.Key, SettlementDifferenceKind.AmountDiffers, booked.Amount, provider.Amount, provider.Booking.Reference));
    }

    private Totals Of(Money amount) => _totals.TryGetValue(amount.Currency, out var totals) ? totals : _totals[amount.Currency] = new Totals();

    private sealed class Totals
    {
        private decimal _captured, _refunded, _providerCaptured, _providerRefunded;
        private int _captures, _refunds;

        public List<SettlementDifference> Differences { get; } = [];

        public void AddBooked(BookedMovement movement)
        {
            if (movement.IsRefund)
                (_refunded, _refunds) = (_refunded + movement.Amount.Amount, _refunds + 1);
            else
                (_captured, _captures) = (_captured + movement.Amount.Amount, _captures + 1);
        }

        public void AddProvider(ProviderMovement movement)
        {
            if (movement.IsRefund)
                _providerRefunded += movement.Amount.Amount;
            else
                _providerCaptured += movement.Amount.Amount;
        }

        public SettlementReport Report(DateOnly day, string currency, DateTimeOffset madeAt) => new(
            day, currency, _captured, _captures, _refunded, _refunds, _providerCaptured, _providerRefunded,
            Differences.Count, [.. Differences.OrderBy(static difference => difference.Key, StringComparer.Ordinal).Take(MaxListed)], madeAt);
    }
}
