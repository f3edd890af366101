using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.StackExchangeRedis;
using Shop.Benchmarks.Harness;
using Shop.Redis.Caching;
using StackExchange.Redis;

namespace Shop.Benchmarks.Scenarios;

internal sealed class CatalogueRead : Scenario
{
    private const int Callers = 16;
    private const int Products = 1_000;

    public override string Name => "catalogue-read";

    public override string Measures => "Read one of 1,000 products by way of the cache; 16 callers. Ours answers from memory as long as no invalidation says otherwise.";

    public override int Order => 101;

    public override IReadOnlyList<Target> Targets => [Target.Ratio(1, "Shop.Redis", "IDistributedCache")];

    public override IReadOnlyList<Side> CreateSides() => [new OurCache(), new FrameworkCache()];

    private static BenchProduct Load(string sku) => new(sku, "A red mug of stoneware, 0.3 l, for dishwashers", 12.90m, 42);

    private sealed class OurCache() : RedisSide("Shop.Redis", ours: true)
    {
        private readonly string[] _skus = Numbers.Of("MUG-", Products);
        private RedisHybridCache _cache = null!;

        public override async Task StartAsync(BenchServers servers, CancellationToken cancellationToken)
        {
            await base.StartAsync(servers, cancellationToken);
            _cache = new RedisHybridCache(Redis, Prefix);
        }

        public override Task RunAsync(Measurement measurement) => measurement.ClosedLoopAsync(Callers, async _ =>
        {
            if (await _cache.GetOrCreateAsync(_skus.Any(), static _ => ValueTask.FromResult(Load("MUG"))) is not { Stock: 42 })
                throw new InvalidOperationException("The product is not what was stored.");
        });

        public override async ValueTask DisposeAsync()
        {
            if (_cache is not null)
                await _cache.DisposeAsync();
            await base.DisposeAsync();
        }
    }

    private sealed class FrameworkCache() : RedisSide("IDistributedCache", ours: false)
    {
        private readonly string[] _skus = Numbers.Of("MUG-", Products);
        private RedisCache _cache = null!;

        public override async Task StartAsync(BenchServers servers, CancellationToken cancellationToken)
        {
            await base.StartAsync(servers, cancellationToken);
            _cache = new RedisCache(new RedisCacheOptions { ConnectionMultiplexerFactory = () => Task.FromResult<IConnectionMultiplexer>(Redis), InstanceName = "framework:" });
            foreach (var sku in _skus)
                await _cache.SetAsync(sku, JsonSerializer.SerializeToUtf8Bytes(Load(sku), BenchProductJson.Default.BenchProduct), new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = TimeSpan.FromHours(1) }, cancellationToken);
        }

        public override Task RunAsync(Measurement measurement) => measurement.ClosedLoopAsync(Callers, async _ =>
        {
            if (JsonSerializer.Deserialize((await _cache.GetAsync(_skus.Any()))!, BenchProductJson.Default.BenchProduct) is not { Stock: 42 })
                throw new InvalidOperationException("The product is not what was stored.");
        });

        public override ValueTask DisposeAsync()
        {
            _cache?.Dispose();
            return base.DisposeAsync();
        }
    }
}

internal sealed record BenchProduct(string Sku, string Name, decimal Price, int Stock);

[JsonSerializable(typeof(BenchProduct))]
internal sealed partial class BenchProductJson : JsonSerializerContext;
