using System.Globalization;
using System.Net;
using System.Threading.Channels;
using Npgsql;
using Shop.Benchmarks.Harness;
using Shop.Redis.Live;
using Shop.Redis.Sessions;
using Shop.Web.Live;
using Shop.Web.Sessions;
using Shop.Web.Tokens;
using StackExchange.Redis;

namespace Shop.Benchmarks.Scenarios;

internal sealed class LiveConnections : Scenario
{
    private const int Connections = 5_000;
    private const string Bare = "bare Pub/Sub";

    public override string Name => "live-connections";

    public override string Measures => "Deliver items of one log to 5,000 open server-sent-event connections, the browsers' side of which is in this process too; an operation is one delivery, its latency from before the append.";

    public override int Order => 51;

    public override IReadOnlyList<Target> Targets => [Target.Ratio(0.7, "Shop.Redis", Bare)];

    public override IReadOnlyList<Side> CreateSides() => [new OurEvents(), new BareEvents()];

    /// <summary>A web server on a free port, and readers of one endpoint.</summary>
    private abstract class EventSide(string name, bool ours) : RedisSide(name, ours)
    {
        private WebApplication _web = null!;
        private IPEndPoint _address = null!;

        public override async Task StartAsync(BenchServers servers, CancellationToken cancellationToken)
        {
            await base.StartAsync(servers, cancellationToken);
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
            AddServices(builder.Services);
            _web = builder.Build();
            Map(_web);
            await _web.StartAsync(cancellationToken);
            _address = new IPEndPoint(IPAddress.Loopback, new Uri(_web.Urls.Single()).Port);
        }

        public override Task RunAsync(Measurement measurement) =>
            new FanOut(measurement, Connections).RunAsync(AppendAsync, (delivered, ended) => EventReader.ReadAsync(_address, delivered, ended));

        public override async ValueTask DisposeAsync()
        {
            if (_web is not null)
                await _web.DisposeAsync();
            await base.DisposeAsync();
        }

        protected abstract Task AppendAsync(BenchItem item);

        protected abstract void Map(IEndpointRouteBuilder routes);

        protected virtual void AddServices(IServiceCollection services)
        {
        }
    }

    /// <summary>Shop.Web's own way from a live log to the browser.</summary>
    private sealed class OurEvents() : EventSide("Shop.Redis", ours: true)
    {
        private LiveLog<BenchItem> _log = null!;

        protected override void AddServices(IServiceCollection services)
        {
            _log = new LiveLog<BenchItem>(Redis, Prefix, new LiveLogOptions<BenchItem> { Json = BenchItemJson.Default.BenchItem });

            // Asked once a second who is still signed in; nobody is, so neither answers from a database.
            services.AddSingleton(TimeProvider.System);
            services.AddSingleton(new RedisSessions(Redis, Prefix, new MemoryVault()));
            services.AddSingleton(new TokenStore(NpgsqlDataSource.Create("Host=localhost"), TimeProvider.System));
            services.AddSingleton<StillSignedIn>();
        }

        protected override void Map(IEndpointRouteBuilder routes) =>
            routes.MapGet("/", (CancellationToken ct) => new ServerSentEvents<BenchItem>(_log.ReadAsync("room", LiveCursor.Start, ct), "item", BenchItemJson.Default.BenchItem));

        protected override Task AppendAsync(BenchItem item) => _log.AppendAsync("room", item);
    }

    /// <summary>The least that could work: a subscription for each connection, each message written as it comes.</summary>
    private sealed class BareEvents() : EventSide(Bare, ours: false)
    {
        private RedisChannel Room => RedisChannel.Literal($"{Prefix}room");

        protected override void Map(IEndpointRouteBuilder routes) => routes.MapGet("/", async (HttpContext context, CancellationToken ct) =>
        {
            context.Response.ContentType = "text/event-stream";
            var messages = Channel.CreateUnbounded<RedisValue>();
            var subscriber = Redis.GetSubscriber();
            void OnMessage(RedisChannel _, RedisValue message) => messages.Writer.TryWrite(message);
            await subscriber.SubscribeAsync(Room, OnMessage);
            try
            {
                await foreach (var message in messages.Reader.ReadAllAsync(ct))
                {
                    await context.Response.WriteAsync($"data: {message}\n\n", ct);
                    await context.Response.Body.FlushAsync(ct);
                }
            }
            finally
            {
                await subscriber.UnsubscribeAsync(Room, OnMessage, CommandFlags.FireAndForget);
            }
        });

        protected override Task AppendAsync(BenchItem item) =>
            Database.PublishAsync(Room, string.Create(CultureInfo.InvariantCulture, $"{{\"SentAt\":{item.SentAt},\"Text\":\"{item.Text}\"}}"));
    }
}
