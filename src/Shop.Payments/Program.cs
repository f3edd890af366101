using ServiceDefaults;
using Shop.Archiving;
using Shop.Contracts;
using Shop.Messaging;
using Shop.Payments.Charging;
using Shop.Payments.Sandbox;
using Shop.Payments.Settlements;
using Shop.Redis.Locks;
using StackExchange.Redis;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddPostgres("paymentsdb", typeof(Outbox).Assembly, typeof(KafkaArchiveOptions).Assembly, typeof(Program).Assembly);
builder.AddSilo();

var prefix = builder.Configuration.KeyPrefix();
builder.Services
    .AddSingleton(services => new RedisLocks(services.GetRequiredService<IConnectionMultiplexer>(), prefix))
    .AddSingleton<PaymentStore>()
    .AddSingleton<SandboxProvider>()
    .AddSingleton<IPaymentProvider>(static services => new TracedProvider(services.GetRequiredService<SandboxProvider>()))
    .AddOutbox(outbox =>
    {
        outbox.KeyPrefix = prefix;
        outbox.Events(EventsJson.Default);
    })
    .AddKafkaArchive(builder.Configuration.GetConnectionString("kafka"), archive =>
    {
        archive.Streams.Add(Streams.Payments);
        builder.Configuration.Bind("Shop:Archive", archive);
    })
    .AddStreamEndpoint("payments", stream: Streams.Orders, endpoint =>
    {
        endpoint.Consumer<TakePayment>();
        endpoint.Consumer<GiveBack>();
    })
    .AddSettlements(prefix, builder.Configuration.GetSection("Shop:Payments:Settlement").Get<SettlementOptions>() ?? new SettlementOptions());

var app = builder.Build();
app.MapDefaultEndpoints();
await app.RunAsync();
