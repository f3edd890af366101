using Microsoft.Extensions.Caching.Hybrid;
using ServiceDefaults;
using Shop.Redis.Caching;
using StackExchange.Redis;

namespace Shop.Web.Catalogue;

internal static class CatalogueServices
{
    /// <summary>The catalogue behind a cache that all replicas share. Its settings are in the section <c>Shop:Web:Cache</c>, see <see cref="CacheOptions"/>.</summary>
    public static IServiceCollection AddCatalogue(this IServiceCollection services, CacheOptions? options = null) => services
        .AddSingleton<HybridCache>(provider => new RedisHybridCache(
            provider.GetRequiredService<IConnectionMultiplexer>(),
            provider.GetRequiredService<IConfiguration>().KeyPrefix(),
            options ?? Configured(provider.GetRequiredService<IConfiguration>()),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>()))
        .AddSingleton<CatalogueReader>();

    private static CacheOptions Configured(IConfiguration configuration)
    {
        var options = new CacheOptions { Json = ApiJson.Default.Options };
        configuration.Bind("Shop:Web:Cache", options);
        return options;
    }
}
