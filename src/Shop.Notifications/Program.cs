using ServiceDefaults;
using Shop.Contracts;
using Shop.Contracts.Notifications;
using Shop.Messaging;
using Shop.Notifications.Chat;
using Shop.Notifications.Feeds;
using Shop.Notifications.Receipts;
using Shop.Redis.Live;
using StackExchange.Redis;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddPostgres("notificationsdb", typeof(Outbox).Assembly, typeof(Program).Assembly);
builder.AddSilo();

var prefix = builder.Configuration.KeyPrefix();
builder.Services
    .AddChat(ChatOptions.From(builder.Configuration.GetSection("Shop:Chat")), prefix)
    .AddSingleton<FeedStore>()
    .AddSingleton(services => new LiveLog<Notification>(
        services.GetRequiredService<IConnectionMultiplexer>(), prefix, new LiveLogOptions<Notification> { Json = EventsJson.Default.Notification }))
    .AddOutbox(outbox =>
    {
        outbox.KeyPrefix = prefix;
        outbox.Events(EventsJson.Default);
    })
    .AddStreamEndpoint("notifications", stream: Streams.Orders, endpoint => endpoint.Consumer<TellCustomer>())
    .AddReceipts(prefix);

var app = builder.Build();
app.MapDefaultEndpoints();
await app.RunAsync();
