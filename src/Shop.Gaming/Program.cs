using ServiceDefaults;
using Shop.Contracts;
using Shop.Gaming.Loyalty;
using Shop.Gaming.Scores;
using Shop.Messaging;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddPostgres("gamingdb", typeof(Outbox).Assembly, typeof(Program).Assembly);
builder.AddSilo();

var prefix = builder.Configuration.KeyPrefix();
builder.Services
    .AddSingleton<Ledger>()
    .AddSingleton(services => ActivatorUtilities.CreateInstance<GameBoards>(services, prefix))
    .AddHostedService<BoardCatchUp>()
    .AddOutbox(outbox =>
    {
        outbox.KeyPrefix = prefix;
        outbox.Events(EventsJson.Default);
    })
    .AddStreamEndpoint("gaming", stream: Streams.Orders, endpoint => endpoint.Consumer<AwardPoints>());

var app = builder.Build();
app.MapDefaultEndpoints();
await app.RunAsync();
