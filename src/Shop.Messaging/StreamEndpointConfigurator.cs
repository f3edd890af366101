using System.Text.Json.Serialization;
using MassTransit;
using MassTransit.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Shop.Messaging.Endpoints;
using Shop.Redis.Streams;

namespace Shop.Messaging;

/// <summary>Says which consumers a stream endpoint feeds, and how.</summary>
public sealed class StreamEndpointConfigurator
{
    private readonly IServiceCollection _services;
    private readonly StreamEndpoint _endpoint;

    internal StreamEndpointConfigurator(IServiceCollection services, StreamEndpoint endpoint) => (_services, _endpoint) = (services, endpoint);

    /// <summary>Put in front of the stream's keys; the outbox's prefix when null. It must be the writer's.</summary>
    public string? KeyPrefix { get => _endpoint.KeyPrefix; set => _endpoint.KeyPrefix = value; }

    /// <summary>
    /// Adds a consumer. It gets every event whose type it takes; an event that no consumer of the endpoint takes is
    /// acknowledged silently. Each event has a dependency injection scope of its own.
    /// </summary>
    public StreamEndpointConfigurator Consumer<TConsumer>()
        where TConsumer : class, IConsumer
    {
        _services.RegisterConsumer<TConsumer>();
        _endpoint.Add<TConsumer>();
        return this;
    }

    /// <summary>Adds a consumer with its definition (retries, filters, concurrency).</summary>
    public StreamEndpointConfigurator Consumer<TConsumer, TDefinition>()
        where TConsumer : class, IConsumer
        where TDefinition : class, IConsumerDefinition<TConsumer>
    {
        _services.RegisterConsumer<TConsumer, TDefinition>();
        _endpoint.Add<TConsumer>();
        return this;
    }

    /// <summary>Adds source-generated JSON of events that this endpoint reads, beside those of <see cref="OutboxOptions.Events"/>.</summary>
    public StreamEndpointConfigurator Events(JsonSerializerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        _endpoint.Json.Add(context);
        return this;
    }

    /// <summary>Changes MassTransit's pipeline of this endpoint: retries, filters, circuit breakers for all its consumers.</summary>
    public StreamEndpointConfigurator Pipeline(Action<IReceiveEndpointConfigurator> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        _endpoint.Pipelines.Add(configure);
        return this;
    }

    /// <summary>Makes the stream engine's options, lanes, deliveries and back-off among them, for the stream and group that are handed in.</summary>
    public StreamEndpointConfigurator Group(Func<string, string, StreamConsumerGroupOptions> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        _endpoint.CreateGroupOptions = create;
        return this;
    }
}
