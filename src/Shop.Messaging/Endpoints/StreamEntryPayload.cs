using System.Text.Json.Serialization.Metadata;
using Shop.Redis.Streams;

namespace Shop.Messaging.Endpoints;

/// <summary>Travels with a dispatch to the deserializer.</summary>
/// <param name="Delivery">The entry.</param>
/// <param name="Json">How its data is read.</param>
internal sealed record StreamEntryPayload(StreamDelivery Delivery, JsonTypeInfo Json);
