using Microsoft.AspNetCore.Session;
using Microsoft.Extensions.Caching.StackExchangeRedis;
using Microsoft.Extensions.Logging.Abstractions;
using Shop.Benchmarks.Harness;
using Shop.Redis.Sessions;
using StackExchange.Redis;

namespace Shop.Benchmarks.Scenarios;

internal sealed class SessionCheck : Scenario
{
    private const int Callers = 16;
    private const int Users = 1_000;
    private const string Framework = "ASP.NET session";

    public override string Name => "session-check";

    public override string Measures => "What a request of somebody who is signed in asks of the session store: who is it; 16 callers, 1,000 sessions. The framework's loads the session, reads the user, and commits (which renews its expiry).";

    public override int Order => 100;

    public override IReadOnlyList<Target> Targets => [Target.Ratio(1, "Shop.Redis", Framework)];

    public override IReadOnlyList<Side> CreateSides() => [new OurSessions(), new FrameworkSessions()];

    private sealed class OurSessions() : RedisSide("Shop.Redis", ours: true)
    {
        private readonly MemoryVault _vault = new();
        private readonly List<string> _secrets = [];
        private RedisSessions _sessions = null!;

        public override async Task StartAsync(BenchServers servers, CancellationToken cancellationToken)
        {
            await base.StartAsync(servers, cancellationToken);
            _sessions = new RedisSessions(Redis, Prefix, _vault);
            foreach (var user in Numbers.Of("user-", Users))
                _secrets.Add((await _sessions.CreateAsync(new NewSession { User = user, Device = "Firefox on Linux", Address = "192.0.2.7" }, cancellationToken)).Secret);
        }

        public override Task RunAsync(Measurement measurement) => measurement.ClosedLoopAsync(Callers, async _ =>
        {
            if (await _sessions.GetAsync(_secrets[Random.Shared.Next(Users)]) is null)
                throw new InvalidOperationException("Somebody was signed out.");
        });

        public override async ValueTask DisposeAsync()
        {
            if (_sessions is not null)
                await _sessions.DisposeAsync();
            await base.DisposeAsync();
        }
    }

    private sealed class FrameworkSessions() : RedisSide(Framework, ours: false)
    {
        private readonly string[] _ids = Numbers.Of("session-", Users);
        private RedisCache _cache = null!;
        private DistributedSessionStore _store = null!;

        public override async Task StartAsync(BenchServers servers, CancellationToken cancellationToken)
        {
            await base.StartAsync(servers, cancellationToken);
            _cache = new RedisCache(new RedisCacheOptions { ConnectionMultiplexerFactory = () => Task.FromResult<IConnectionMultiplexer>(Redis), InstanceName = "framework:" });
            _store = new DistributedSessionStore(_cache, NullLoggerFactory.Instance);
            foreach (var id in _ids)
            {
                var session = Open(id, isNew: true);
                session.SetString("user", id);
                session.SetString("device", "Firefox on Linux");
                session.SetString("address", "192.0.2.7");
                await session.CommitAsync(cancellationToken);
            }
        }

        public override Task RunAsync(Measurement measurement) => measurement.ClosedLoopAsync(Callers, async _ =>
        {
            var session = Open(_ids.Any(), isNew: false);
            await session.LoadAsync();
            if (session.GetString("user") is null)
                throw new InvalidOperationException("Somebody was signed out.");
            await session.CommitAsync();
        });

        public override ValueTask DisposeAsync()
        {
            _cache?.Dispose();
            return base.DisposeAsync();
        }

        private ISession Open(string id, bool isNew) => _store.Create(id, TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(1), static () => true, isNew);
    }
}
