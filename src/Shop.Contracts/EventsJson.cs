using System.Text.Json.Serialization;
using Shop.Contracts.Chat;
using Shop.Contracts.Gaming;
using Shop.Contracts.Notifications;
using Shop.Contracts.Orders;
using Shop.Contracts.Payments;

namespace Shop.Contracts;

/// <summary>Source-generated JSON of every event and every live item: camel case, enums as strings.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OrderPlaced))]
[JsonSerializable(typeof(OrderPaid))]
[JsonSerializable(typeof(OrderDeclined))]
[JsonSerializable(typeof(OrderCancelled))]
[JsonSerializable(typeof(OrderRefunded))]
[JsonSerializable(typeof(CatalogueChanged))]
[JsonSerializable(typeof(PaymentCaptured))]
[JsonSerializable(typeof(PaymentDeclined))]
[JsonSerializable(typeof(PaymentRefunded))]
[JsonSerializable(typeof(OrderStatusChange))]
[JsonSerializable(typeof(Notification))]
[JsonSerializable(typeof(ChatItem))]
[JsonSerializable(typeof(BoardChange))]
public sealed partial class EventsJson : JsonSerializerContext;
