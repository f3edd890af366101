using Shop.Contracts;
using Shop.Contracts.Gaming;
using Shop.Gaming.Runs;
using Shop.Redis.Live;
using StackExchange.Redis;

namespace Shop.Gaming.Scores;

internal static class ScoreServices
{
    /// <summary>The ledger, the boards over it, the log that tells of their changes, and the runs that scores come from.</summary>
    public static IServiceCollection AddScores(this IServiceCollection services, string keyPrefix, GameCatalogue games) => services
        .AddSingleton(games)
        .AddSingleton<Ledger>()
        .AddSingleton<RunStore>()
        .AddSingleton(provider => new LiveLog<BoardChange>(
            provider.GetRequiredService<IConnectionMultiplexer>(), keyPrefix, new LiveLogOptions<BoardChange> { Json = EventsJson.Default.BoardChange, MaxLength = 1, TraceDeliveries = false }))
        .AddSingleton(provider => ActivatorUtilities.CreateInstance<GameBoards>(provider, keyPrefix));
}
