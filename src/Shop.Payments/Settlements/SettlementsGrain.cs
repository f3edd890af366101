using System.Globalization;
using Orleans.Concurrency;
using Shop.Contracts.Payments;
using Shop.Redis.Jobs;

namespace Shop.Payments.Settlements;

/// <inheritdoc cref="ISettlementsGrain" />
[StatelessWorker]
public sealed class SettlementsGrain(SettlementStore store, JobQueues jobs) : Grain, ISettlementsGrain
{
    public Task<IReadOnlyList<SettlementReport>> ReadAsync(DateOnly from, DateOnly to) => store.ReadAsync(from, to);

    public async Task<Guid> RequestAsync(DateOnly day, Guid jobId)
    {
        var options = new JobOptions { Id = jobId, Priority = JobPriority.High, UniqueKey = string.Create(CultureInfo.InvariantCulture, $"{day:yyyy-MM-dd}") };
        return (await jobs.EnqueueAsync(SettlementJobs.Settle, new SettleDay(day), options)).Id;
    }
}
