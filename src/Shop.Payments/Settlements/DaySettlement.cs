using Shop.Contracts.Payments;
using Shop.Payments.Charging;

namespace Shop.Payments.Settlements;

/// <summary>
/// Makes the reports of one day: reads the shop's books and the provider's ledger hour by hour, compares them, and puts the
/// result in the place of what was there. Making it again, also twice at once, gives the same reports.
/// </summary>
public sealed partial class DaySettlement(SettlementStore store, IPaymentProvider provider, TimeProvider clock, ILogger<DaySettlement> logger)
{
    private const int Hours = 24;

    /// <summary>Settles <paramref name="day"/>, and tells <paramref name="hourDone"/> after each of its 24 hours how many are done.</summary>
    public async Task<IReadOnlyList<SettlementReport>> SettleAsync(DateOnly day, Func<int, Task> hourDone, CancellationToken cancellationToken)
    {
        var reconciliation = new Reconciliation();
        for (var hour = 0; hour < Hours; hour++)
        {
            var from = new DateTimeOffset(day.ToDateTime(new TimeOnly(hour, 0)), TimeSpan.Zero);
            await foreach (var movement in store.MovementsAsync(from, from.AddHours(1), cancellationToken))
                reconciliation.Add(movement);
            await foreach (var movement in provider.LedgerAsync(from, from.AddHours(1), cancellationToken))
                reconciliation.Add(movement);
            await hourDone(hour + 1);
        }

        var reports = reconciliation.Reports(day, clock.GetUtcNow());
        await store.ReplaceAsync(day, reports, cancellationToken);
        foreach (var report in reports)
        {
            if (report.DifferenceCount > 0)
                LogDifferences(logger, report.DifferenceCount, day, report.Currency, report.Differences[0]);
            else
                LogSettled(logger, day, report.Net, report.Currency);
        }

        return reports;
    }

    [LoggerMessage(1, LogLevel.Information, "Settled {Day}: {Net} {Currency}, as the provider has it")]
    private static partial void LogSettled(ILogger logger, DateOnly day, decimal net, string currency);

    [LoggerMessage(2, LogLevel.Error, "The books of {Day} in {Currency} differ from the provider's in {Count} movements; the first: {First}")]
    private static partial void LogDifferences(ILogger logger, int count, DateOnly day, string currency, SettlementDifference first);
}
