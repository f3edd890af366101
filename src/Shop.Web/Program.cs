using Scalar.AspNetCore;
using ServiceDefaults;
using Shop.Contracts;
using Shop.Contracts.Notifications;
using Shop.Contracts.Orders;
using Shop.Web;
using Shop.Web.Accounts;
using Shop.Web.Bursts;
using Shop.Web.Catalogue;
using Shop.Web.Chat;
using Shop.Web.Games;
using Shop.Web.Grains;
using Shop.Web.Limits;
using Shop.Web.Live;
using Shop.Web.Notifications;
using Shop.Web.Operations;
using Shop.Web.Orders;
using Shop.Web.Pages;
using Shop.Web.Sessions;
using Shop.Web.Storefront;
using Shop.Web.Tokens;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddOrleansClient();
builder.AddAccounts();
builder.WebHost.UseStaticWebAssets(); // pages run from the build output too, in every environment

builder.Services
    .AddStorefront()
    .AddApiConventions()
    .AddApiDescription()
    .AddSingleton<GrainCalls>()
    .AddCatalogue()
    .AddSingleton<CustomerOrders>()
    .AddLiveLog<OrderStatusChange, OrderHistory>(EventsJson.Default.OrderStatusChange)
    .AddLiveLog<Notification, FeedHistory>(EventsJson.Default.Notification)
    .AddGames()
    .AddOperations()
    .AddBurstRunner(builder.Configuration)
    .AddShopLimits()
    .AddChat();

var app = builder.Build();
app.UseFailureAnswers();
app.UseAuthentication();
app.UseRateLimiter();
app.UseMiddleware<SameOriginWrites>();
app.UseAuthorization();
app.UseAntiforgery();

app.MapForms();
app.MapAccounts();
app.MapSessions();
app.MapTokens();
app.MapProducts();
app.MapOrders();
app.MapGames();
app.MapNotifications();
app.MapChat();
app.MapOperations();
app.MapOpenApi();
app.MapScalarApiReference();
app.MapStaticAssets().DisableRateLimiting();
app.MapRazorComponents<App>();
app.MapDefaultEndpoints();
await app.RunAsync();
