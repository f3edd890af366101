using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization.Metadata;
using MassTransit.Transports;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Shop.Redis.Streams;
using StackExchange.Redis;

namespace Shop.Messaging.Endpoints;

/// <summary>
/// The bridge from a consumer group to MassTransit. The stream engine owns delivery: what is read, in which order, what is
/// tried again, what is given up. MassTransit owns what happens to one delivery: scopes, consumers, definitions, retries
/// within the attempt, filters, observers, spans. Between the two there is one call: an entry goes into the endpoint's
/// <see cref="IReceiveEndpointDispatcher"/>, and comes back as done or as the exception that the last retry left. No
/// transport is involved, so nothing is copied into an envelope: the entry's JSON is read straight into the message.
/// </summary>
internal sealed class StreamEndpointService : BackgroundService
{
    private readonly StreamEndpoint _endpoint;
    private readonly IReceiveEndpointDispatcher _dispatcher;
    private readonly StreamConsumerGroup _group;
    private readonly Dictionary<Type, JsonTypeInfo> _json;

    public StreamEndpointService(
        StreamEndpoint endpoint, IReceiveEndpointDispatcherFactory factory, IConnectionMultiplexer redis, IOptions<OutboxOptions> outbox, TimeProvider clock, ILogger<StreamConsumerGroup> logger)
    {
        _endpoint = endpoint;
        _dispatcher = endpoint.CreateDispatcher(factory);
        _json = endpoint.ResolveJson(outbox.Value);
        _group = new StreamConsumerGroup(
            redis, endpoint.KeyPrefix ?? outbox.Value.KeyPrefix, endpoint.CreateGroupOptions(endpoint.Stream, endpoint.Group), DispatchAsync, clock, logger);
    }

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _group.RunAsync(stoppingToken);

    private async ValueTask DispatchAsync(StreamDelivery delivery, CancellationToken cancellationToken)
    {
        if (!_endpoint.Takes(delivery.Message.Type, out var type))
        {
            DropSpan();
            return;
        }

        var entry = new StreamEntryPayload(delivery, _json[type]);
        await _dispatcher.Dispatch(Bytes(delivery.Message.Data), Headers(delivery), cancellationToken, delivery, entry, OutboxOnly.NoRedelivery.Instance).ConfigureAwait(false);
    }

    /// <summary>Nothing was done for this event, so a trace of it would only show a row that says so.</summary>
    private static void DropSpan()
    {
        if (Activity.Current is { } span)
            (span.ActivityTraceFlags, span.IsAllDataRequested) = (span.ActivityTraceFlags & ~ActivityTraceFlags.Recorded, false);
    }

    private static Dictionary<string, object> Headers(StreamDelivery delivery)
    {
        var headers = new Dictionary<string, object>
        {
            ["DeliveryCount"] = delivery.Attempt,
            ["shop-stream"] = delivery.Stream,
            ["shop-group"] = delivery.Group,
            ["shop-key"] = delivery.Message.Key,
            ["shop-entry-id"] = delivery.EntryId,
        };
        if (ParentSpan(delivery.Message.TraceParent) is { } parent)
            headers["MT-Activity-Id"] = parent;
        return headers;
    }

    /// <summary>The engine's own span when it is part of the event's trace, else what the entry says.</summary>
    private static string? ParentSpan(string? traceParent) =>
        Activity.Current is { IdFormat: ActivityIdFormat.W3C } current && (traceParent is null || traceParent.Contains(current.TraceId.ToHexString(), StringComparison.Ordinal))
            ? current.Id
            : traceParent;

    private static byte[] Bytes(ReadOnlyMemory<byte> data) =>
        MemoryMarshal.TryGetArray(data, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length ? segment.Array : data.ToArray();
}
