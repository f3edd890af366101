using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Shop.Redis.Jobs;

/// <summary>Puts jobs into a service.</summary>
public static class JobServices
{
    /// <summary>Registers <see cref="JobQueues"/> and <see cref="JobInspector"/> on the service's <see cref="IConnectionMultiplexer"/>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="keyPrefix">Put before every key, for example <c>shop:</c>.</param>
    public static IServiceCollection AddJobs(this IServiceCollection services, string keyPrefix)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(provider => new JobQueues(provider.GetRequiredService<IConnectionMultiplexer>(), keyPrefix));
        services.TryAddSingleton(provider => new JobInspector(provider.GetRequiredService<IConnectionMultiplexer>(), keyPrefix, provider.GetService<TimeProvider>()));
        return services;
    }

    /// <summary>As <see cref="AddJobs(IServiceCollection, string)"/>, and runs a <see cref="JobWorker"/> for a queue as a hosted service. May be called again for further queues.</summary>
    /// <param name="services">The services.</param>
    /// <param name="keyPrefix">Put before every key, for example <c>shop:</c>.</param>
    /// <param name="options">Which queue, and how; checked when the host starts.</param>
    /// <param name="configure">Adds handlers and schedules.</param>
    /// <exception cref="ArgumentException">At the host's start: a setting is out of range, or a handler or a schedule is not right; the message says which.</exception>
    public static IServiceCollection AddJobs(this IServiceCollection services, string keyPrefix, JobWorkerOptions options, Action<JobWorkerBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(configure);
        var builder = new JobWorkerBuilder(services.AddJobs(keyPrefix));
        configure(builder);
        return services.AddSingleton<IHostedService>(provider => new JobWorkerService(new JobWorker(
            provider.GetRequiredService<IConnectionMultiplexer>(), keyPrefix, options, builder.Build(provider), provider.GetService<TimeProvider>(), provider.GetService<ILogger<JobWorker>>())));
    }

    private sealed class JobWorkerService(JobWorker worker) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => worker.RunAsync(stoppingToken);
    }
}

/// <summary>Adds handlers and schedules to a worker that a host runs.</summary>
public sealed class JobWorkerBuilder
{
    private readonly IServiceCollection _services;
    private readonly List<Action<JobHandlers, IServiceProvider>> _additions = [];

    internal JobWorkerBuilder(IServiceCollection services) => _services = services;

    /// <summary>Handles a kind of job with a class, created for each attempt in a scope of its own (unless it is registered otherwise).</summary>
    public JobWorkerBuilder Handle<TArguments, THandler>(JobType<TArguments> type)
        where THandler : class, IJobHandler<TArguments>
    {
        _services.TryAddScoped<THandler>();
        _additions.Add((handlers, provider) => handlers.Handle(type, async (arguments, job, cancellationToken) =>
        {
            var scope = provider.CreateAsyncScope();
            await using var disposed = scope.ConfigureAwait(false);
            return await scope.ServiceProvider.GetRequiredService<THandler>().HandleAsync(arguments, job, cancellationToken).ConfigureAwait(false);
        }));
        return this;
    }

    /// <summary>Handles a kind of job with a delegate.</summary>
    public JobWorkerBuilder Handle<TArguments>(JobType<TArguments> type, JobHandler<TArguments> handler)
    {
        _additions.Add((handlers, _) => handlers.Handle(type, handler));
        return this;
    }

    /// <summary>Makes a job at every tick of a schedule; see <see cref="JobHandlers.Cron"/>.</summary>
    public JobWorkerBuilder Cron<TArguments>(CronSchedule schedule, JobType<TArguments> type, Func<DateTimeOffset, TArguments> arguments, JobOptions? options = null)
    {
        _additions.Add((handlers, _) => handlers.Cron(schedule, type, arguments, options));
        return this;
    }

    internal JobHandlers Build(IServiceProvider provider)
    {
        var handlers = new JobHandlers();
        foreach (var add in _additions)
            add(handlers, provider);
        return handlers;
    }
}
