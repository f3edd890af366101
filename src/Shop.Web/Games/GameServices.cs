using Shop.Contracts;
using Shop.Web.Live;

namespace Shop.Web.Games;

internal static class GameServices
{
    public static IServiceCollection AddGames(this IServiceCollection services) => services
        .AddMomentaryLog(EventsJson.Default.BoardChange)
        .AddSingleton<BoardReader>()
        .AddSingleton<LeaderboardLive>();
}
