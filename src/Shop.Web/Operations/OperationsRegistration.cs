using ServiceDefaults;
using Shop.Redis.Jobs;
using Shop.Redis.Locks;
using Shop.Redis.Streams;
using Shop.Web.Bursts;
using StackExchange.Redis;

namespace Shop.Web.Operations;

internal static class OperationsRegistration
{
    /// <summary>What the operators' endpoints look through.</summary>
    public static IServiceCollection AddOperations(this IServiceCollection services) => services
        .AddSingleton(static provider => new StreamInspector(Redis(provider), Prefix(provider)))
        .AddSingleton(static provider => new StreamDeadLetters(Redis(provider), Prefix(provider)))
        .AddSingleton(static provider => new RedisLocks(Redis(provider), Prefix(provider)))
        .AddSingleton(static provider => new JobInspector(Redis(provider), Prefix(provider)))
        .AddSingleton(static provider => new JobQueues(Redis(provider), Prefix(provider)))
        .AddSingleton<OperationsReader>()
        .AddSingleton<OperatorActions>()
        .AddBurstSwitch();

    private static IConnectionMultiplexer Redis(IServiceProvider provider) => provider.GetRequiredService<IConnectionMultiplexer>();

    private static string Prefix(IServiceProvider provider) => provider.GetRequiredService<IConfiguration>().KeyPrefix();
}
