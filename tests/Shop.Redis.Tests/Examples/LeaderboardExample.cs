using Shop.Redis.Leaderboards;
using Shop.Testing;
using Xunit;

namespace Shop.Redis.Tests.Examples;

public sealed class LeaderboardExample(OwnRedis server) : IClassFixture<OwnRedis>
{
    [Fact]
    public async Task A_game_with_a_board_of_the_day_and_of_all_time()
    {
        var redis = server.Connection;
        var shop = RedisFixture.NewPrefix();
        var ct = TestContext.Current.CancellationToken;
        var now = TimeProvider.System.GetUtcNow();
        ILeaderboardLedger? ledger = null;

        // begin: README
        var options = new LeaderboardOptions { Name = "tetris", Windows = [LeaderboardWindow.AllTime, LeaderboardWindow.Day] };
        var board = new Leaderboard(redis, shop, options, ledger);
        await board.SubmitAsync("ann", 1200, submissionId: "game-1", at: now, ct);   // the ledger has it already
        await board.SubmitAsync("bob", 1500, submissionId: "game-2", at: now, ct);
        IReadOnlyList<LeaderboardEntry> top = await board.TopAsync(LeaderboardWindow.Day, 10, ct);
        IReadOnlyList<LeaderboardEntry> me = await board.AroundAsync(LeaderboardWindow.AllTime, "ann", radius: 5, ct);
        // end: README

        Assert.Equal([new(1, "bob", 1500), new(2, "ann", 1200)], top);
        Assert.Equal(top, me);
    }
}
