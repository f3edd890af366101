using System.Net;
using Dapper;

namespace Shop.SystemTests.Journeys;

[Collection(nameof(SharedShop))]
public sealed class GameJourneys(ShopApp shop)
{
    /// <summary>2^53 + 1, which a double cannot tell from its neighbour.</summary>
    private const long BeyondDoubles = 9_007_199_254_740_993;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Scores_make_a_leaderboard()
    {
        const string game = "dash";
        using var ada = shop.Shopper("ada");
        using var bob = shop.Shopper("bob");

        var (status, standing) = await ada.PlayAsync(game, 1234, Cancelled);
        await bob.PlayAsync(game, BeyondDoubles, Cancelled);

        Assert.Equal((HttpStatusCode.OK, 1L, 1234L), (status, standing.GetProperty("rank").GetInt64(), standing.GetProperty("score").GetInt64()));
        foreach (var window in new[] { "day", "week", "season", "all" })
        {
            var top = (await ada.GetAsync($"/api/games/{game}/leaderboard?window={window}&top=10", Cancelled)).Body.GetProperty("entries");
            Assert.Equal([("bob", BeyondDoubles), ("ada", 1234L)], top.EnumerateArray().Select(static entry => (entry.GetProperty("name").GetString()!, entry.GetProperty("score").GetInt64())));
        }

        Assert.Equal(2, (await ada.GetAsync($"/api/games/{game}/leaderboard/me?around=3", Cancelled)).Body.GetProperty("me").GetProperty("rank").GetInt64());
    }

    [Fact]
    public async Task A_closed_season_shows_who_won_it()
    {
        const string game = "cup";
        using var ada = shop.Shopper();
        await ada.PlayAsync(game, 9, Cancelled);
        var me = (await ada.GetAsync($"/api/games/{game}/leaderboard", Cancelled)).Body.GetProperty("entries")[0].GetProperty("customer").GetString()!;
        await using var gaming = await shop.DatabaseAsync("gamingdb");
        await using var connection = await gaming.OpenConnectionAsync(Cancelled);
        await connection.ExecuteAsync(
            """
            INSERT INTO season_boards (board, season, players, closed_at) VALUES (@game, '2024-02', 7, now());
            INSERT INTO season_results (board, season, rank, customer, score, award) VALUES (@game, '2024-02', 1, @me, 9, 100);
            """,
            new { game, me });

        var (status, season) = await ada.GetAsync($"/api/games/{game}/seasons/2024-02", Cancelled);

        Assert.Equal((HttpStatusCode.OK, "2024-02", 7L), (status, season.GetProperty("season").GetString(), season.GetProperty("players").GetInt64()));
        var winner = Assert.Single(season.GetProperty("entries").EnumerateArray());
        Assert.Equal((1L, ada.Customer, 9L, 100L), (winner.GetProperty("rank").GetInt64(), winner.GetProperty("name").GetString(), winner.GetProperty("score").GetInt64(), winner.GetProperty("award").GetInt64()));
        Assert.Equal(HttpStatusCode.NotFound, (await ada.GetAsync($"/api/games/{game}/seasons/2024-03", Cancelled)).Status);
    }
}
