using System.Text.Json.Serialization.Metadata;
using ServiceDefaults;
using Shop.Redis.Live;
using StackExchange.Redis;

namespace Shop.Web.Live;

internal static class LiveLogRegistration
{
    /// <summary>A live log whose durable history is <typeparamref name="THistory"/>.</summary>
    public static IServiceCollection AddLiveLog<T, THistory>(this IServiceCollection services, JsonTypeInfo<T> json)
        where THistory : class, ILiveHistory<T> =>
        services.AddSingleton<THistory>().AddSingleton(provider => new LiveLog<T>(
            provider.GetRequiredService<IConnectionMultiplexer>(),
            provider.GetRequiredService<IConfiguration>().KeyPrefix(),
            new LiveLogOptions<T> { Json = json },
            provider.GetRequiredService<THistory>()));

    /// <summary>A momentary live log: it has no history, and a wipe costs what was of the moment.</summary>
    public static IServiceCollection AddMomentaryLog<T>(this IServiceCollection services, JsonTypeInfo<T> json) =>
        services.AddSingleton(provider => new LiveLog<T>(
            provider.GetRequiredService<IConnectionMultiplexer>(), provider.GetRequiredService<IConfiguration>().KeyPrefix(), new LiveLogOptions<T> { Json = json, TraceDeliveries = false }));
}
