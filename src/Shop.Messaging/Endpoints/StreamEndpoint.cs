using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using MassTransit;
using MassTransit.Transports;
using Shop.Redis.Streams;

namespace Shop.Messaging.Endpoints;

/// <summary>What was registered for one consumer group of one stream.</summary>
internal sealed class StreamEndpoint(string group, string stream)
{
    private readonly Dictionary<string, Type> _types = [];
    private readonly List<Action<IRegistrationContext, IReceiveEndpointConfigurator>> _furtherConsumers = [];
    private Func<IReceiveEndpointDispatcherFactory, IReceiveEndpointDispatcher>? _createDispatcher;

    public string Group => group;

    public string Stream => stream;

    /// <summary>The endpoint's name in MassTransit, which spans and logs show.</summary>
    public string Name { get; } = $"{stream}.{group}";

    public string? KeyPrefix { get; set; }

    public List<JsonSerializerContext> Json { get; } = [];

    public List<Action<IReceiveEndpointConfigurator>> Pipelines { get; } = [];

    public Func<string, string, StreamConsumerGroupOptions> CreateGroupOptions { get; set; } = static (stream, group) => new() { Stream = stream, Group = group };

    /// <summary>Registers a consumer and the event types that it takes, by their short names.</summary>
    public void Add<TConsumer>()
        where TConsumer : class, IConsumer
    {
        // MassTransit's factory makes a dispatcher for one consumer; the others join it in ConfigurePipeline.
        if (_createDispatcher is null)
            _createDispatcher = factory => factory.CreateConsumerReceiver<TConsumer>(Name);
        else
            _furtherConsumers.Add(static (context, pipeline) => context.ConfigureConsumer<TConsumer>(pipeline));

        foreach (var taken in typeof(TConsumer).GetInterfaces().Where(static type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IConsumer<>)))
        {
            var type = taken.GetGenericArguments()[0];
            if (type.IsGenericType)
                throw new InvalidOperationException($"{typeof(TConsumer).Name} takes {type}; an entry names its type by a short name, and is delivered alone: a generic type has no such name, and MassTransit's Batch<T> would acknowledge entries that it only collects.");
            if (!_types.TryAdd(type.Name, type) && _types[type.Name] != type)
                throw new InvalidOperationException($"The endpoint {Name} takes both {_types[type.Name].FullName} and {type.FullName}; an entry names its type by the short name, so the two cannot be told apart.");
        }
    }

    /// <summary>The type behind an entry's <c>type</c>, if a consumer takes it.</summary>
    public bool Takes(string type, [NotNullWhen(true)] out Type? message) => _types.TryGetValue(type, out message);

    /// <summary>The JSON of every event type that the endpoint takes.</summary>
    /// <exception cref="InvalidOperationException">One is missing.</exception>
    public Dictionary<Type, JsonTypeInfo> ResolveJson(OutboxOptions outbox) =>
        _types.Values.ToDictionary(static type => type, type => Json.Select(context => context.GetTypeInfo(type)).FirstOrDefault(static json => json is not null) ?? outbox.Json(type));

    /// <summary>Builds the MassTransit pipeline.</summary>
    /// <exception cref="InvalidOperationException">No consumer was added.</exception>
    public IReceiveEndpointDispatcher CreateDispatcher(IReceiveEndpointDispatcherFactory factory) =>
        _createDispatcher?.Invoke(factory) ?? throw new InvalidOperationException($"The stream endpoint {Name} has no consumer: add one with e.Consumer<TConsumer>().");

    /// <summary>MassTransit calls this for every endpoint that it builds; this one takes its own.</summary>
    public IConfigureReceiveEndpoint ConfigurePipeline(IServiceProvider provider) => new Pipeline(this, provider);

    private sealed class Pipeline(StreamEndpoint endpoint, IServiceProvider provider) : IConfigureReceiveEndpoint
    {
        public void Configure(string name, IReceiveEndpointConfigurator configurator)
        {
            if (name != endpoint.Name)
                return;

            configurator.AddDeserializer(StreamEntryDeserializer.Factory, isDefault: true);
            OutboxOnly.Refuse(configurator, configurator);
            foreach (var configure in endpoint.Pipelines)
                configure(configurator);
            foreach (var configure in endpoint._furtherConsumers)
                configure((IRegistrationContext)provider.GetService(typeof(IBusRegistrationContext))!, configurator);
        }
    }
}
