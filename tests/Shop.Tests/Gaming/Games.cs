using Shop.Gaming.Runs;

namespace Shop.Tests.Gaming;

/// <summary>What a shop of the tests offers.</summary>
internal static class Games
{
    public static GameCatalogue Offered(params string[] games) => new(games.ToDictionary(static game => game, static _ => new GameRules(), StringComparer.Ordinal));
}
