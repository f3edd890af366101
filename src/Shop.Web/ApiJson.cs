using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;
using Shop.Web.Accounts;
using Shop.Web.Bursts;
using Shop.Web.Catalogue;
using Shop.Web.Chat;
using Shop.Web.Games;
using Shop.Web.Notifications;
using Shop.Web.Operations;
using Shop.Web.Orders;
using Shop.Web.Sessions;
using Shop.Web.Tokens;

namespace Shop.Web;

/// <summary>Source-generated JSON of the public API: camel case, enums by name.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, PropertyNameCaseInsensitive = true, UseStringEnumConverter = true, NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(ProductList))]
[JsonSerializable(typeof(CategoryList))]
[JsonSerializable(typeof(IReadOnlyList<CategoryView>))]
[JsonSerializable(typeof(ChangePriceRequest))]
[JsonSerializable(typeof(PlaceOrderRequest))]
[JsonSerializable(typeof(OrderView))]
[JsonSerializable(typeof(OrderList))]
[JsonSerializable(typeof(NotificationList))]
[JsonSerializable(typeof(RunView))]
[JsonSerializable(typeof(ScoreRequest))]
[JsonSerializable(typeof(StandingView))]
[JsonSerializable(typeof(LeaderboardView))]
[JsonSerializable(typeof(BoardView))]
[JsonSerializable(typeof(SeasonView))]
[JsonSerializable(typeof(StreamList))]
[JsonSerializable(typeof(StreamView))]
[JsonSerializable(typeof(DeadLetterCounts))]
[JsonSerializable(typeof(DeadLetterList))]
[JsonSerializable(typeof(DeadLetterView))]
[JsonSerializable(typeof(PutBackView))]
[JsonSerializable(typeof(LockList))]
[JsonSerializable(typeof(JobQueueList))]
[JsonSerializable(typeof(JobList))]
[JsonSerializable(typeof(JobView))]
[JsonSerializable(typeof(CancelJobRequest))]
[JsonSerializable(typeof(SettlementList))]
[JsonSerializable(typeof(SettlementJobView))]
[JsonSerializable(typeof(OperationsSnapshot))]
[JsonSerializable(typeof(BurstRequest))]
[JsonSerializable(typeof(BurstView))]
[JsonSerializable(typeof(LimitList))]
[JsonSerializable(typeof(LimitView))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(ChatRoomList))]
[JsonSerializable(typeof(PostMessageRequest))]
[JsonSerializable(typeof(ChatMessageView))]
[JsonSerializable(typeof(ChatMessageList))]
[JsonSerializable(typeof(ChatRemovedView))]
[JsonSerializable(typeof(ChatPeopleView))]
[JsonSerializable(typeof(SignUpRequest))]
[JsonSerializable(typeof(SignInRequest))]
[JsonSerializable(typeof(AccountView))]
[JsonSerializable(typeof(SessionList))]
[JsonSerializable(typeof(TokenRequest))]
[JsonSerializable(typeof(NewTokenView))]
[JsonSerializable(typeof(TokenList))]
[JsonSerializable(typeof(ProblemDetails))]
[JsonSerializable(typeof(HttpValidationProblemDetails))]
internal sealed partial class ApiJson : JsonSerializerContext;
