using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Shop.Messaging.Endpoints;

namespace Shop.Messaging;

/// <summary>Puts stream endpoints into a service.</summary>
public static class StreamEndpointServices
{
    /// <summary>
    /// Lets a consumer group of a stream feed MassTransit consumers. An event is acknowledged when all of the endpoint's
    /// consumers that take its type have returned; when one throws, it stays pending, is delivered again with growing
    /// pauses, and after its last attempt goes to the dead letters with the exception. It is delivered at least once, in
    /// the order of its key: record it in the <see cref="Inbox"/>. May be called several times, for several groups and
    /// streams.
    /// </summary>
    /// <param name="services">The service's registrations; they hold an <c>IConnectionMultiplexer</c>.</param>
    /// <param name="group">The consumer group, by custom the service's name, for example <c>payments</c>.</param>
    /// <param name="stream">The stream, for example <c>orders</c>.</param>
    /// <param name="configure">Adds the consumers.</param>
    public static IServiceCollection AddStreamEndpoint(this IServiceCollection services, string group, string stream, Action<StreamEndpointConfigurator> configure)
    {
        ArgumentException.ThrowIfNullOrEmpty(group);
        ArgumentException.ThrowIfNullOrEmpty(stream);
        ArgumentNullException.ThrowIfNull(configure);

        if (services.All(static service => service.ServiceType != typeof(IBus)))
            services.AddMassTransit(ConfigureBus);
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<OutboxOptions>();

        var endpoint = new StreamEndpoint(group, stream);
        if (services.Any(service => service.ImplementationInstance is StreamEndpoint other && other.Name == endpoint.Name))
            throw new InvalidOperationException($"The group '{group}' of the stream '{stream}' has an endpoint already: add all its consumers there.");

        configure(new StreamEndpointConfigurator(services, endpoint));
        services.AddSingleton(endpoint);
        services.AddSingleton<IConfigureReceiveEndpoint>(endpoint.ConfigurePipeline);
        services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<StreamEndpointService>(provider, endpoint));
        return services;
    }

    /// <summary>MassTransit needs a bus to hang its pipelines on. This one carries nothing, and refuses to.</summary>
    private static void ConfigureBus(IBusRegistrationConfigurator bus)
    {
        bus.DisableUsageTelemetry();
        bus.UsingInMemory(static (_, factory) => OutboxOnly.Refuse(factory, factory));
    }
}
