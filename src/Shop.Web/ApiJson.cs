using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;
using Shop.Web.Catalogue;
using Shop.Web.Games;
using Shop.Web.Notifications;
using Shop.Web.Orders;

namespace Shop.Web;

/// <summary>Source-generated JSON of the public API: camel case, enums by name.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, PropertyNameCaseInsensitive = true, UseStringEnumConverter = true, NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(ProductList))]
[JsonSerializable(typeof(PlaceOrderRequest))]
[JsonSerializable(typeof(OrderView))]
[JsonSerializable(typeof(OrderList))]
[JsonSerializable(typeof(NotificationList))]
[JsonSerializable(typeof(ScoreRequest))]
[JsonSerializable(typeof(StandingView))]
[JsonSerializable(typeof(LeaderboardView))]
[JsonSerializable(typeof(ProblemDetails))]
[JsonSerializable(typeof(HttpValidationProblemDetails))]
internal sealed partial class ApiJson : JsonSerializerContext;
