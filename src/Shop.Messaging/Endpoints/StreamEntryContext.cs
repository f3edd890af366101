using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using MassTransit;
using MassTransit.Metadata;
using MassTransit.Serialization;

namespace Shop.Messaging.Endpoints;

/// <summary>One deserialised entry, as MassTransit asks for it.</summary>
internal sealed class StreamEntryContext(ReceiveContext receiveContext, StreamEntryPayload entry, object message)
    : BaseSerializerContext(SystemTextJsonMessageSerializer.Instance, new EntryMessageContext(receiveContext, entry), [MessageUrn.ForTypeString(message.GetType())])
{
    public override bool IsSupportedMessageType<T>() => message is T;

    public override bool IsSupportedMessageType(Type messageType) => messageType.IsInstanceOfType(message);

    public override bool TryGetMessage<T>(out T? typed)
        where T : class => (typed = message as T) is not null;

    public override bool TryGetMessage(Type messageType, [NotNullWhen(true)] out object? typed) =>
        (typed = messageType.IsInstanceOfType(message) ? message : null) is not null;

    public override IMessageSerializer GetMessageSerializer() => throw OutboxOnlyException.ForMessage(message.GetType());

    public override IMessageSerializer GetMessageSerializer<T>(MessageEnvelope envelope, T overlay) => throw OutboxOnlyException.ForMessage(typeof(T));

    public override IMessageSerializer GetMessageSerializer(object other, string[] messageTypes) => throw OutboxOnlyException.ForMessage(other.GetType());

    public override Dictionary<string, object> ToDictionary<T>(T? value)
        where T : class => throw OutboxOnlyException.ForMessage(typeof(T));

    /// <summary>
    /// The id is the event's, so that inboxes and logs agree. All events of one trace are one conversation. A key that is
    /// a UUID (an order id) is the correlation id.
    /// </summary>
    private sealed class EntryMessageContext(ReceiveContext receiveContext, StreamEntryPayload entry) : MessageContext
    {
        public Guid? MessageId => entry.Delivery.Message.Id;

        public Guid? RequestId => null;

        public Guid? CorrelationId => Guid.TryParse(entry.Delivery.Message.Key, out var id) ? id : null;

        public Guid? ConversationId => ActivityContext.TryParse(entry.Delivery.Message.TraceParent, null, out var trace) ? Guid.ParseExact(trace.TraceId.ToHexString(), "N") : entry.Delivery.Message.Id;

        public Guid? InitiatorId => null;

        public DateTime? ExpirationTime => null;

        public Uri? SourceAddress => null;

        public Uri? DestinationAddress => receiveContext.InputAddress;

        public Uri? ResponseAddress => null;

        public Uri? FaultAddress => null;

        public DateTime? SentTime => entry.Delivery.Message.Time.UtcDateTime;

        public Headers Headers => receiveContext.TransportHeaders;

        public HostInfo Host => HostMetadataCache.Empty;
    }
}
