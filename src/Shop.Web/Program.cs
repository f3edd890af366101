using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Authentication;
using Scalar.AspNetCore;
using ServiceDefaults;
using Shop.Contracts;
using Shop.Contracts.Notifications;
using Shop.Contracts.Orders;
using Shop.Web;
using Shop.Web.Catalogue;
using Shop.Web.Customers;
using Shop.Web.Games;
using Shop.Web.Grains;
using Shop.Web.Live;
using Shop.Web.Notifications;
using Shop.Web.Orders;
using Shop.Web.Pages;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddOrleansClient();
builder.WebHost.UseStaticWebAssets(); // pages run from the build output too, in every environment

builder.Services
    .AddProblemDetails()
    .AddExceptionHandler<FailureAnswers>()
    .AddOpenApi()
    .ConfigureHttpJsonOptions(static json =>
    {
        json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default);
        json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict; // "12" is no number
    })
    .Configure<RouteHandlerOptions>(static routes => routes.ThrowOnBadRequest = true)
    .AddAuthorization()
    .AddAuthentication(CustomerHeader.Name).AddScheme<AuthenticationSchemeOptions, CustomerHeader>(CustomerHeader.Name, null);
builder.Services
    .AddSingleton<GrainCalls>()
    .AddLiveLog<OrderStatusChange, OrderHistory>(EventsJson.Default.OrderStatusChange)
    .AddLiveLog<Notification, FeedHistory>(EventsJson.Default.Notification)
    .AddRazorComponents();

var app = builder.Build();
app.UseExceptionHandler();
app.UseStatusCodePages();
app.UseAuthentication();
app.UseAuthorization();
app.UseAntiforgery();

app.MapProducts();
app.MapOrders();
app.MapGames();
app.MapNotifications();
app.MapOpenApi();
app.MapScalarApiReference();
app.MapStaticAssets();
app.MapRazorComponents<App>();
app.MapDefaultEndpoints();
await app.RunAsync();
