using Shop.Contracts;
using Shop.Redis.Jobs;

namespace Shop.Gaming.Seasons;

internal static class SeasonServices
{
    /// <summary>Closed seasons, the queue that closes them, one run at a time over all replicas, and its schedules.</summary>
    public static IServiceCollection AddSeasons(this IServiceCollection services, string keyPrefix, SeasonOptions options) => services
        .AddSingleton(options)
        .AddSingleton<SeasonStore>()
        .AddJobs(keyPrefix, new JobWorkerOptions { Queue = Queues.Seasons, Concurrency = 1, QueueConcurrency = 1, DrainTimeout = TimeSpan.FromSeconds(8) }, jobs => jobs
            .Handle<CloseSeasons, SeasonCloser>(SeasonJobs.Close)
            .Cron(options.Closing, SeasonJobs.Close, static tick => new CloseSeasons(tick), SeasonJobs.OneAtATime)
            .Cron(options.CatchUp, SeasonJobs.Close, static tick => new CloseSeasons(tick), SeasonJobs.OneAtATime));
}
