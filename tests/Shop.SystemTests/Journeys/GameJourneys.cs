using System.Net;

namespace Shop.SystemTests.Journeys;

[Collection(nameof(SharedShop))]
public sealed class GameJourneys(ShopApp shop)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Scores_make_a_leaderboard()
    {
        var game = $"g{Guid.CreateVersion7():N}";
        using var ada = shop.Shopper("ada");
        using var bob = shop.Shopper("bob");

        var (status, standing) = await ada.CallAsync(HttpMethod.Post, $"/api/games/{game}/scores", new { score = 1234 }, cancellationToken: Cancelled);
        await bob.CallAsync(HttpMethod.Post, $"/api/games/{game}/scores", new { score = long.MaxValue }, cancellationToken: Cancelled);

        Assert.Equal((HttpStatusCode.OK, 1L, 1234L), (status, standing.GetProperty("rank").GetInt64(), standing.GetProperty("score").GetInt64()));
        foreach (var window in new[] { "day", "week", "all" })
        {
            var top = (await ada.GetAsync($"/api/games/{game}/leaderboard?window={window}&top=10", Cancelled)).Body.GetProperty("entries");
            Assert.Equal([("bob", long.MaxValue), ("ada", 1234L)], top.EnumerateArray().Select(static entry => (entry.GetProperty("customer").GetString()!, entry.GetProperty("score").GetInt64())));
        }

        Assert.Equal(2, (await ada.GetAsync($"/api/games/{game}/leaderboard/me?around=3", Cancelled)).Body.GetProperty("me").GetProperty("rank").GetInt64());
    }
}
