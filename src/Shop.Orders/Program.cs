using ServiceDefaults;
using Shop.Contracts;
using Shop.Contracts.Orders;
using Shop.Messaging;
using Shop.Orders.Catalogue;
using Shop.Orders.Checkout;
using Shop.Orders.Fulfilment;
using Shop.Redis.Live;
using Shop.Redis.Locks;
using StackExchange.Redis;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddPostgres("ordersdb", typeof(Outbox).Assembly, typeof(Program).Assembly);
builder.AddSilo();

var prefix = builder.Configuration.KeyPrefix();
builder.Services
    .AddSingleton(services => new RedisLocks(services.GetRequiredService<IConnectionMultiplexer>(), prefix))
    .AddSingleton(services => new LiveLog<OrderStatusChange>(
        services.GetRequiredService<IConnectionMultiplexer>(), prefix, new LiveLogOptions<OrderStatusChange> { Json = EventsJson.Default.OrderStatusChange }))
    .AddSingleton(builder.Configuration.GetSection("Shop:Orders:PaymentDeadline").Get<PaymentDeadlineOptions>() ?? new PaymentDeadlineOptions())
    .AddSingleton<CatalogueStore>()
    .AddSingleton<OrderReader>()
    .AddSingleton<OrderPlacement>()
    .AddSingleton<OrderMoves>()
    .AddSingleton<StatusBroadcaster>()
    .AddHostedService(services => services.GetRequiredService<StatusBroadcaster>())
    .AddHostedService<OverdueOrders>()
    .AddOutbox(outbox =>
    {
        outbox.KeyPrefix = prefix;
        outbox.Events(EventsJson.Default);
    })
    .AddStreamEndpoint("orders", stream: Streams.Payments, endpoint => endpoint.Consumer<ApplyPayment>());

var app = builder.Build();
app.MapDefaultEndpoints();
await app.RunAsync();
