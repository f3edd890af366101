using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;
using Shop.Messaging.Relaying;
using Shop.Redis.Streams;
using StackExchange.Redis;

namespace Shop.Messaging;

/// <summary>Puts the outbox into a service.</summary>
public static class OutboxServices
{
    /// <summary>
    /// Registers <see cref="Outbox"/> with its relay, sweeper and janitor on the service's <see cref="NpgsqlDataSource"/>
    /// (whose database holds <c>Schema/001_messaging.sql</c>) and <see cref="IConnectionMultiplexer"/>. May be called
    /// again to change options.
    /// </summary>
    /// <exception cref="OptionsValidationException">At start-up, naming the option and its value.</exception>
    public static IServiceCollection AddOutbox(this IServiceCollection services, Action<OutboxOptions> configure)
    {
        services.AddOptions<OutboxOptions>().Configure(configure).ValidateOnStart();
        if (services.Any(static service => service.ServiceType == typeof(Outbox)))
            return services;

        services.AddSingleton<IValidateOptions<OutboxOptions>, OutboxOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(static provider => new Outbox(
            provider.GetRequiredService<NpgsqlDataSource>(), Options(provider), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<OutboxRelay>()));
        services.AddSingleton<StreamGate>();
        services.AddSingleton<OutboxBacklog>();
        services.AddSingleton(static provider => new RedisMarker(provider.GetRequiredService<IConnectionMultiplexer>(), Options(provider)));
        services.AddSingleton(static provider => new StreamEntries(provider.GetRequiredService<IConnectionMultiplexer>(), Options(provider).KeyPrefix));
        services.AddSingleton(static provider => new StreamAppender(new StreamProducer(provider.GetRequiredService<IConnectionMultiplexer>(), Options(provider).KeyPrefix)));
        services.AddSingleton(static provider => ActivatorUtilities.CreateInstance<LossRecovery>(provider, Options(provider)));
        services.AddHosted(static provider => ActivatorUtilities.CreateInstance<OutboxRelay>(provider, Options(provider)));
        services.AddHosted(static provider => ActivatorUtilities.CreateInstance<OutboxSweeper>(provider, Options(provider)));
        services.AddHosted(static provider => ActivatorUtilities.CreateInstance<OutboxJanitor>(provider, Options(provider)));
        return services;
    }

    private static OutboxOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptions<OutboxOptions>>().Value;

    private static void AddHosted<T>(this IServiceCollection services, Func<IServiceProvider, T> create)
        where T : class, IHostedService
    {
        services.AddSingleton(create);
        services.AddSingleton<IHostedService>(static provider => provider.GetRequiredService<T>());
    }

    private sealed class OutboxOptionsValidator : IValidateOptions<OutboxOptions>
    {
        public ValidateOptionsResult Validate(string? name, OutboxOptions options) =>
            options.Validate() is { } wrong ? ValidateOptionsResult.Fail(wrong) : ValidateOptionsResult.Success;
    }
}
