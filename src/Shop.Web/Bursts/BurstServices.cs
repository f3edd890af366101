using Microsoft.Extensions.Options;
using ServiceDefaults;
using Shop.Contracts;
using Shop.Redis.Jobs;
using Shop.Web.Live;

namespace Shop.Web.Bursts;

internal static class BurstServices
{
    /// <summary>The switch, and the log that it is watched by.</summary>
    public static IServiceCollection AddBurstSwitch(this IServiceCollection services)
    {
        services.AddOptions<BurstOptions>().BindConfiguration(BurstOptions.Section).ValidateOnStart();
        return services
            .AddSingleton<IValidateOptions<BurstOptions>, BurstOptionsCheck>()
            .AddMomentaryLog(BurstJson.Default.BurstSample)
            .AddSingleton<BurstSwitch>();
    }

    /// <summary>The worker that runs bursts, one at a time over all replicas.</summary>
    public static IServiceCollection AddBurstRunner(this IServiceCollection services, IConfiguration configuration) => services
        .AddSingleton<BurstShopper>()
        .AddJobs(
            configuration.KeyPrefix(),
            new JobWorkerOptions { Queue = Queues.Bursts, Concurrency = 1, QueueConcurrency = 1, DrainTimeout = TimeSpan.Zero },
            static jobs => jobs.Handle<Burst, BurstRunner>(Burst.Job));
}
