using ServiceDefaults;
using Shop.Contracts;
using Shop.Messaging;
using Shop.Payments.Charging;
using Shop.Payments.Sandbox;
using Shop.Redis.Locks;
using StackExchange.Redis;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddPostgres("paymentsdb", typeof(Outbox).Assembly, typeof(Program).Assembly);
builder.AddSilo();

var prefix = builder.Configuration.KeyPrefix();
builder.Services
    .AddSingleton(services => new RedisLocks(services.GetRequiredService<IConnectionMultiplexer>(), prefix))
    .AddSingleton<PaymentStore>()
    .AddSingleton<IPaymentProvider, SandboxProvider>()
    .AddOutbox(outbox =>
    {
        outbox.KeyPrefix = prefix;
        outbox.Events(EventsJson.Default);
    })
    .AddStreamEndpoint("payments", stream: Streams.Orders, endpoint =>
    {
        endpoint.Consumer<TakePayment>();
        endpoint.Consumer<GiveBack>();
    });

var app = builder.Build();
app.MapDefaultEndpoints();
await app.RunAsync();
