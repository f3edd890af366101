using System.Globalization;
using Shop.Redis.Jobs;

namespace Shop.Payments.Settlements;

/// <summary>Runs the jobs of the queue, and says how far it is.</summary>
public sealed class SettlementRunner(SettlementStore store, DaySettlement settlement) : IJobHandler<SettleDay>
{
    public async ValueTask<JobOutcome> HandleAsync(SettleDay arguments, JobContext job, CancellationToken cancellationToken)
    {
        IReadOnlyList<DateOnly> days = arguments.AndMissing
            ? [.. await store.MissingBeforeAsync(arguments.Day, cancellationToken), arguments.Day]
            : [arguments.Day];
        var differences = 0;
        for (var i = 0; i < days.Count; i++)
        {
            var (day, done) = (days[i], i);
            var reports = await settlement.SettleAsync(
                day,
                hours => job.ReportProgressAsync(
                    (done + hours / 24d) / days.Count * 100, string.Create(CultureInfo.InvariantCulture, $"{day:yyyy-MM-dd}: {hours} of 24 hours compared")),
                cancellationToken);
            differences += reports.Sum(static report => report.DifferenceCount);
        }

        return JobOutcome.Done(new SettledDays(days, differences), SettlementJson.Default.SettledDays);
    }
}
