using System.Net.Mime;
using System.Text.Json;
using MassTransit;
using MassTransit.Context;
using MassTransit.Serialization;

namespace Shop.Messaging.Endpoints;

/// <summary>Makes a consume context from a stream entry: the JSON goes through the source-generated serialiser into the message, and the rest is taken from the entry's fields.</summary>
internal sealed class StreamEntryDeserializer : IMessageDeserializer
{
    public static readonly ISerializerFactory Factory = new DeserializerFactory();

    private static readonly ContentType EntryContentType = new("application/vnd.shop.stream-entry+json");

    public ContentType ContentType => EntryContentType;

    public ConsumeContext Deserialize(ReceiveContext receiveContext)
    {
        var entry = receiveContext.GetPayload<StreamEntryPayload>();
        var message = JsonSerializer.Deserialize(entry.Delivery.Message.Data.Span, entry.Json)
            ?? throw new JsonException($"The data of entry {entry.Delivery.EntryId} of {entry.Delivery.Stream} is null.");
        var context = new BodyConsumeContext(receiveContext, new StreamEntryContext(receiveContext, entry, message));
        context.GetOrAddPayload<MessageSchedulerContext>(() => new ConsumeMessageSchedulerContext(context, static _ => throw OutboxOnlyException.ForRedelivery()));
        return context;
    }

    public SerializerContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress = null) =>
        throw new NotSupportedException("A stream entry is deserialised from its delivery, not from a body alone.");

    public MessageBody GetMessageBody(string text) => new StringMessageBody(text);

    public void Probe(ProbeContext context) => context.CreateScope("streamEntry");

    private sealed class DeserializerFactory : ISerializerFactory
    {
        public ContentType ContentType => EntryContentType;

        public IMessageSerializer CreateSerializer() => throw OutboxOnlyException.ForMessage(null);

        public IMessageDeserializer CreateDeserializer() => new StreamEntryDeserializer();
    }
}
