using ServiceDefaults;
using Shop.Contracts;
using Shop.Gaming.Loyalty;
using Shop.Gaming.Runs;
using Shop.Gaming.Scores;
using Shop.Gaming.Seasons;
using Shop.Messaging;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddPostgres("gamingdb", typeof(Outbox).Assembly, typeof(Program).Assembly);
builder.AddSilo();

var prefix = builder.Configuration.KeyPrefix();
builder.Services
    .AddScores(prefix, GameCatalogue.From(builder.Configuration.GetSection("Shop:Gaming:Games")))
    .AddHostedService<BoardCatchUp>()
    .AddOutbox(outbox =>
    {
        outbox.KeyPrefix = prefix;
        outbox.Events(EventsJson.Default);
    })
    .AddStreamEndpoint("gaming", stream: Streams.Orders, endpoint => endpoint.Consumer<AwardPoints>())
    .AddSeasons(prefix, builder.Configuration.GetSection("Shop:Gaming:Seasons").Get<SeasonOptions>() ?? new SeasonOptions());

var app = builder.Build();
app.MapDefaultEndpoints();
await app.RunAsync();
