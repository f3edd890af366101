using ServiceDefaults;
using Shop.Archiving;
using Shop.Contracts;
using Shop.Contracts.Orders;
using Shop.Messaging;
using Shop.Orders.Catalogue;
using Shop.Orders.Checkout;
using Shop.Orders.Fulfilment;
using Shop.Redis.Caching;
using Shop.Redis.Jobs;
using Shop.Redis.Live;
using StackExchange.Redis;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddPostgres("ordersdb", typeof(Outbox).Assembly, typeof(KafkaArchiveOptions).Assembly, typeof(Program).Assembly);
builder.AddSilo();

var prefix = builder.Configuration.KeyPrefix();
var deadline = builder.Configuration.GetSection("Shop:Orders:PaymentDeadline").Get<PaymentDeadlineOptions>() ?? new PaymentDeadlineOptions();
builder.Services
    .AddSingleton(services => new LiveLog<OrderStatusChange>(
        services.GetRequiredService<IConnectionMultiplexer>(), prefix, new LiveLogOptions<OrderStatusChange> { Json = EventsJson.Default.OrderStatusChange }))
    .AddSingleton(deadline)
    .AddSingleton(services => new CacheInvalidator(
        services.GetRequiredService<IConnectionMultiplexer>(), prefix, logger: services.GetRequiredService<ILogger<CacheInvalidator>>()))
    .AddSingleton<CatalogueChanges>()
    .AddSingleton<CatalogueStore>()
    .AddSingleton<OrderReader>()
    .AddSingleton<OrderPlacement>()
    .AddSingleton<OrderMoves>()
    .AddSingleton<StatusBroadcaster>()
    .AddHostedService(services => services.GetRequiredService<StatusBroadcaster>())
    .AddOutbox(outbox =>
    {
        outbox.KeyPrefix = prefix;
        outbox.Events(EventsJson.Default);
    })
    .AddKafkaArchive(builder.Configuration.GetConnectionString("kafka"), archive =>
    {
        archive.Streams.Add(Streams.Orders);
        archive.Streams.Add(Streams.Catalogue);
        builder.Configuration.Bind("Shop:Archive", archive);
    })
    .AddStreamEndpoint("orders", stream: Streams.Payments, endpoint => endpoint.Consumer<ApplyPayment>())
    .AddStreamEndpoint("orders", stream: Streams.Catalogue, endpoint => endpoint.Consumer<InvalidateCatalogue>())
    .AddJobs(prefix, new JobWorkerOptions { Queue = Queues.Overdue, Concurrency = 1, DrainTimeout = TimeSpan.FromSeconds(8) }, jobs => jobs
        .Handle<SweepOverdue, OverdueOrders>(OverdueOrders.Sweep)
        .Cron(OverdueOrders.Schedule(deadline), OverdueOrders.Sweep, static _ => new SweepOverdue(), OverdueOrders.OneAtATime));

var app = builder.Build();
app.MapDefaultEndpoints();
await app.RunAsync();
