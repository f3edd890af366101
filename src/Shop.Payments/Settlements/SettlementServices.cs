using Shop.Contracts;
using Shop.Redis.Jobs;

namespace Shop.Payments.Settlements;

internal static class SettlementServices
{
    /// <summary>The reports, the queue that makes them, one at a time over all replicas, and the nightly schedule.</summary>
    public static IServiceCollection AddSettlements(this IServiceCollection services, string keyPrefix, SettlementOptions options) => services
        .AddSingleton<SettlementStore>()
        .AddSingleton<DaySettlement>()
        .AddJobs(keyPrefix, new JobWorkerOptions { Queue = Queues.Settlement, Concurrency = 1, QueueConcurrency = 1, DrainTimeout = TimeSpan.FromSeconds(8) }, jobs => jobs
            .Handle<SettleDay, SettlementRunner>(SettlementJobs.Settle)
            .Cron(options.Schedule, SettlementJobs.Settle, SettlementJobs.Nightly));
}
