using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Shop.Redis.Jobs;

namespace Shop.Messaging.Jobs;

/// <summary>Puts the way from the outbox to a job queue into a service.</summary>
public static class JobIntakeServices
{
    /// <summary>
    /// Reads the stream <c>jobs:queue</c>, which every service's outbox may write to, and enqueues what stands there. One service has
    /// it, usually the one whose workers serve the queue; of its replicas one at a time does the work, in the order of each key.
    /// </summary>
    /// <param name="services">The service's registrations; they hold an <c>IConnectionMultiplexer</c> and what <see cref="JobServices"/> adds.</param>
    /// <param name="queue">The queue, for example <c>mail</c>.</param>
    public static IServiceCollection AddJobIntake(this IServiceCollection services, string queue)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(queue);
        if (services.All(static service => service.ServiceType != typeof(JobQueues)))
            throw new InvalidOperationException($"The intake of the job queue '{queue}' has no queues to hand jobs to: call services.AddJobs(keyPrefix, …) first.");

        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<OutboxOptions>();
        return services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<JobIntake>(provider, queue));
    }
}
