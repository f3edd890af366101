using Microsoft.Extensions.DependencyInjection;
using Shop.Contracts;
using Shop.Contracts.Gaming;
using Shop.Gaming.Scores;
using Shop.Redis.Live;
using Shop.Testing;
using StackExchange.Redis;
using Xunit;

namespace Shop.Tests.Gaming;

public sealed class GameBoardsTests(Servers servers)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_best_score_counts_and_the_first_of_equals_ranks_higher()
    {
        await using var sandbox = await CreateAsync(servers.Redis.Connection);
        var boards = sandbox.Get<GameBoards>();
        await RecordAsync(boards, "ada", 100);
        await RecordAsync(boards, "bob", 300);
        await RecordAsync(boards, "cid", 300);
        await RecordAsync(boards, "ada", 50);

        Assert.Equal([new Standing(1, "bob", 300), new Standing(2, "cid", 300), new Standing(3, "ada", 100)], await boards.TopAsync("parcels", LeaderboardWindow.Day, 10, Cancelled));
        Assert.Equal([new Standing(2, "cid", 300), new Standing(3, "ada", 100)], await boards.AroundAsync("parcels", LeaderboardWindow.Week, "ada", 1, Cancelled));
        Assert.Empty(await boards.AroundAsync("parcels", LeaderboardWindow.All, "nobody", 3, Cancelled));
    }

    [Fact]
    public async Task A_repeated_submission_counts_once()
    {
        await using var sandbox = await CreateAsync(servers.Redis.Connection);
        var boards = sandbox.Get<GameBoards>();
        var entry = Entry("ada", 10) with { Board = Boards.Loyalty };

        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => boards.RecordAsync(entry, Cancelled)));

        Assert.Equal([new Standing(1, "ada", 10)], await boards.TopAsync(Boards.Loyalty, LeaderboardWindow.All, 10, Cancelled));
    }

    [Fact]
    public async Task Whoever_watches_a_board_is_told_of_each_score()
    {
        await using var sandbox = await CreateAsync(servers.Redis.Connection);
        await RecordAsync(sandbox.Get<GameBoards>(), "ada", 100);
        await using var watched = sandbox.Get<LiveLog<BoardChange>>().ReadAsync(LiveLogs.Board("parcels"), LiveCursor.Start, Cancelled).GetAsyncEnumerator(Cancelled);
        Assert.True(await watched.MoveNextAsync());

        await RecordAsync(sandbox.Get<GameBoards>(), "bob", 300);

        Assert.True(await watched.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10), Cancelled));
        Assert.Equal(new BoardChange("bob", 300), watched.Current.Value);
    }

    [Fact]
    public async Task A_wiped_board_equals_the_ledger_again()
    {
        await using var server = await RedisFixture.StartServerAsync();
        await using var connection = await RedisFixture.ConnectAsync(server);
        await using var sandbox = await CreateAsync(connection);
        var boards = sandbox.Get<GameBoards>();
        for (var i = 0; i < 30; i++)
            await boards.RecordAsync(Entry($"c{i % 7}", i) with { Board = Boards.Loyalty }, Cancelled);
        var before = await boards.TopAsync(Boards.Loyalty, LeaderboardWindow.All, 10, Cancelled);

        await connection.GetServers()[0].FlushAllDatabasesAsync();

        Assert.Equal(before, await boards.TopAsync(Boards.Loyalty, LeaderboardWindow.All, 10, Cancelled));
    }

    [Fact]
    public async Task The_ledger_answers_as_the_board_does()
    {
        await using var sandbox = await CreateAsync(servers.Redis.Connection);
        var (boards, ledger) = (sandbox.Get<GameBoards>(), sandbox.Get<Ledger>());
        for (var i = 0; i < 40; i++)
        {
            await RecordAsync(boards, $"c{i % 9}", i * 37 % 11);
            await boards.RecordAsync(Entry($"c{i % 9}", i * 37 % 11) with { Board = Boards.Loyalty }, Cancelled);
        }

        foreach (var board in new[] { "parcels", Boards.Loyalty })
        {
            Assert.Equal(await boards.TopAsync(board, LeaderboardWindow.All, 5, Cancelled), await ledger.StandingsAsync(board, DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue, around: null, 5, Cancelled));
            Assert.Equal(await boards.AroundAsync(board, LeaderboardWindow.All, "c4", 2, Cancelled), await ledger.StandingsAsync(board, DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue, "c4", 2, Cancelled));
        }
    }

    [Fact]
    public async Task While_redis_is_away_scores_are_taken_and_the_board_catches_up()
    {
        await using var server = await RedisFixture.StartServerAsync();
        await using var connection = await RedisFixture.ConnectAsync(server);
        await using var sandbox = await CreateAsync(connection);
        var boards = sandbox.Get<GameBoards>();
        await RecordAsync(boards, "ada", 1);

        await server.StopAsync();
        await RecordAsync(boards, "bob", 2);
        Assert.Equal(["bob", "ada"], (await boards.TopAsync("parcels", LeaderboardWindow.All, 10, Cancelled)).Select(static standing => standing.Customer));
        await server.StartAsync(Cancelled);

        var catchUp = sandbox.Get<BoardCatchUp>();
        await catchUp.StartAsync(Cancelled);
        await Eventually.TrueAsync(
            async () => (await sandbox.Get<Ledger>().NotOnBoardAsync(DateTimeOffset.MaxValue, 10, Cancelled)).Count == 0, "every ledger entry on its board");
        await catchUp.StopAsync(Cancelled);

        Assert.Equal(["bob", "ada"], (await boards.TopAsync("parcels", LeaderboardWindow.All, 10, Cancelled)).Select(static standing => standing.Customer));
    }

    private Task<ServiceSandbox> CreateAsync(IConnectionMultiplexer connection) => ServiceSandbox.CreateAsync(
        servers.Postgres, connection, typeof(Ledger).Assembly,
        static (services, prefix) => services.AddScores(prefix, Games.Offered("parcels")).AddSingleton<BoardCatchUp>());

    private static Task RecordAsync(GameBoards boards, string customer, long score) => boards.RecordAsync(Entry(customer, score), Cancelled);

    private static LedgerEntry Entry(string customer, long score) => new(Guid.CreateVersion7().ToString(), "parcels", customer, score, TimeProvider.System.GetUtcNow());
}
