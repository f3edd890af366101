using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Shop.Redis.Leaderboards;
using Shop.Testing;
using Xunit;

namespace Shop.Redis.Tests.Leaderboards;

public abstract class LeaderboardTests(ITestRedis server)
{
    private static readonly DateTimeOffset Monday = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Every_64_bit_score_keeps_its_place()
    {
        long[] scores = [long.MaxValue, long.MaxValue - 1, (1L << 53) + 2, (1L << 53) + 1, 1L << 53, 1, 0, -1, -(1L << 53), -(1L << 53) - 1, long.MinValue + 1, long.MinValue];
        var board = Board();
        foreach (var (score, index) in scores.Select(static (score, index) => (score, index)).OrderBy(static pair => pair.index % 5))
            await board.SubmitAsync($"p{index}", score, $"s{index}", Monday);

        var top = await board.TopAsync(LeaderboardWindow.AllTime, 100);

        Assert.Equal(scores.Select(static (score, index) => new LeaderboardEntry(index + 1, $"p{index}", score)), top);
    }

    [Fact]
    public async Task Of_equal_scores_the_first_ranks_higher_whatever_order_they_arrive_in()
    {
        var board = Board();
        await board.SubmitAsync("late", 5, "1", Monday.AddSeconds(2));
        await board.SubmitAsync("early", 5, "2", Monday);

        Assert.Equal(["early", "late"], (await board.TopAsync(LeaderboardWindow.AllTime, 10)).Select(static entry => entry.Member));
    }

    [Theory]
    [InlineData(LeaderboardMode.Best, 30)]
    [InlineData(LeaderboardMode.Latest, 20)]
    [InlineData(LeaderboardMode.Sum, 60)]
    public async Task A_mode_says_which_submission_stands(LeaderboardMode mode, long expected)
    {
        var board = Board(mode);
        await board.SubmitAsync("ada", 30, "2", Monday.AddMinutes(1));
        await board.SubmitAsync("ada", 20, "3", Monday.AddMinutes(2));
        await board.SubmitAsync("ada", 10, "1", Monday);

        Assert.Equal(expected, (await board.RankAsync(LeaderboardWindow.AllTime, "ada"))!.Score);
    }

    [Fact]
    public async Task A_sum_that_would_not_fit_is_refused_and_changes_nothing()
    {
        var board = Board(LeaderboardMode.Sum);
        await board.SubmitAsync("ada", long.MaxValue, "1", Monday);

        await Assert.ThrowsAsync<OverflowException>(() => board.SubmitAsync("ada", 1, "2", Monday));

        Assert.Equal(long.MaxValue, (await board.RankAsync(LeaderboardWindow.AllTime, "ada"))!.Score);
    }

    [Fact]
    public async Task A_submission_counts_once_however_often_and_wherever_it_is_sent()
    {
        var prefix = RedisFixture.NewPrefix();
        var boards = Enumerable.Range(0, 4).Select(_ => Board(LeaderboardMode.Sum, prefix: prefix)).ToArray();

        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => boards[i % 4].SubmitAsync("ada", 1, $"s{i % 50}", Monday)));

        Assert.Equal(50, (await boards[0].RankAsync(LeaderboardWindow.AllTime, "ada"))!.Score);
    }

    [Fact]
    public async Task A_submission_stands_in_the_windows_of_its_own_time_only()
    {
        var clock = new FakeTimeProvider(Monday);
        var board = Board(clock: clock, windows: [LeaderboardWindow.AllTime, LeaderboardWindow.Day, LeaderboardWindow.Week]);
        await board.SubmitAsync("sunday", 1, "1", Monday.AddDays(-1));
        await board.SubmitAsync("monday", 2, "2", Monday);

        Assert.Equal(["monday"], await MembersAsync(board, LeaderboardWindow.Day));
        Assert.Equal(["monday"], await MembersAsync(board, LeaderboardWindow.Week));
        Assert.Equal(["monday", "sunday"], await MembersAsync(board, LeaderboardWindow.AllTime));

        clock.Advance(TimeSpan.FromDays(1));
        Assert.Empty(await MembersAsync(board, LeaderboardWindow.Day));
        Assert.Equal(["monday"], await MembersAsync(board, LeaderboardWindow.Week));
    }

    [Theory]
    [InlineData(LeaderboardRanking.Ordinal, new long[] { 1, 2, 3, 4 })]
    [InlineData(LeaderboardRanking.Competition, new long[] { 1, 2, 2, 4 })]
    [InlineData(LeaderboardRanking.Dense, new long[] { 1, 2, 2, 3 })]
    public async Task Equal_scores_share_ranks_as_asked(LeaderboardRanking ranking, long[] expected)
    {
        var board = Board(ranking: ranking);
        foreach (var (member, score) in new[] { ("a", 9L), ("b", 7L), ("c", 7L), ("d", 1L) })
            await board.SubmitAsync(member, score, member, Monday);

        Assert.Equal(expected, (await board.TopAsync(LeaderboardWindow.AllTime, 10)).Select(static entry => entry.Rank));
        Assert.Equal(expected[3], (await board.AroundAsync(LeaderboardWindow.AllTime, "d", 1))[^1].Rank);
    }

    [Fact]
    public async Task Friends_and_percentiles_look_at_the_same_order()
    {
        var board = Board();
        for (var i = 0; i < 11; i++)
            await board.SubmitAsync($"p{i}", i, $"{i}", Monday);

        Assert.Equal([new(1, "p9", 9), new(2, "p2", 2)], await board.AmongAsync(LeaderboardWindow.AllTime, ["p2", "p9", "nobody"]));
        Assert.Equal(100, await board.PercentileAsync(LeaderboardWindow.AllTime, "p10"));
        Assert.Equal(50, await board.PercentileAsync(LeaderboardWindow.AllTime, "p5"));
        Assert.Null(await board.PercentileAsync(LeaderboardWindow.AllTime, "nobody"));
    }

    [Fact]
    public Task A_board_agrees_with_a_plain_model_of_it() =>
        Gen.Select(Gen.Int[0, 7], Gen.OneOf(Gen.Long, Gen.Long[-3, 3]), Gen.Int[0, 5]).Array[1, 40].SampleAsync(
            async submissions =>
            {
                var board = Board();
                var model = new Dictionary<string, (long Score, int Second)>(StringComparer.Ordinal);
                foreach (var ((player, score, second), index) in submissions.Select(static (submission, index) => (submission, index)))
                {
                    await board.SubmitAsync($"p{player}", score, $"{index}", Monday.AddSeconds(second));
                    if (!model.TryGetValue($"p{player}", out var held) || score > held.Score || (score == held.Score && second < held.Second))
                        model[$"p{player}"] = (score, second);
                }

                var expected = model.OrderByDescending(static pair => pair.Value.Score).ThenBy(static pair => pair.Value.Second).ThenBy(static pair => pair.Key, StringComparer.Ordinal)
                    .Select(static (pair, index) => new LeaderboardEntry(index + 1, pair.Key, pair.Value.Score)).ToArray();
                Assert.Equal(expected, await board.TopAsync(LeaderboardWindow.AllTime, 100));
                Assert.Equal(expected[..Math.Min(2, expected.Length)], await board.AroundAsync(LeaderboardWindow.AllTime, expected[0].Member, 1));
            },
            iter: 60,
            threads: 1);

    [Fact]
    public async Task A_wipe_in_a_burst_loses_no_point_and_counts_none_twice()
    {
        await using var own = await RedisFixture.StartServerAsync();
        await using var connection = await RedisFixture.ConnectAsync(own);
        var ledger = new MemoryLedger();
        var options = new LeaderboardOptions { Name = "loyalty", Mode = LeaderboardMode.Sum };
        var boards = Enumerable.Range(0, 3).Select(_ => new Leaderboard(connection, "t:", options, ledger)).ToArray();
        var now = TimeProvider.System.GetUtcNow();

        await Parallel.ForAsync(0, 900, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, ct) =>
        {
            var submission = new LeaderboardSubmission($"p{i % 9}", 1 + i % 4, $"s{i}", now);
            ledger.Commit(submission);
            if (i % 300 == 150)
                await connection.GetServers()[0].FlushAllDatabasesAsync();
            await boards[i % 3].SubmitAsync(submission.Member, submission.Score, submission.SubmissionId, submission.At, ct);
        });

        var board = (await boards[0].TopAsync(LeaderboardWindow.AllTime, 100)).ToDictionary(static entry => entry.Member, static entry => entry.Score, StringComparer.Ordinal);
        Assert.Equal(ledger.Sums.OrderBy(static pair => pair.Key, StringComparer.Ordinal), board.OrderBy(static pair => pair.Key, StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_empty_board_is_built_once()
    {
        var ledger = new MemoryLedger();
        var prefix = RedisFixture.NewPrefix();
        var boards = Enumerable.Range(0, 4).Select(_ => Board(prefix: prefix, ledger: ledger)).ToArray();

        await Task.WhenAll(boards.Select(static board => board.TopAsync(LeaderboardWindow.AllTime, 10)));
        Assert.Empty(await boards[0].TopAsync(LeaderboardWindow.AllTime, 10));

        Assert.Equal(1, ledger.Reads);
    }

    private Leaderboard Board(
        LeaderboardMode mode = LeaderboardMode.Best, LeaderboardRanking ranking = LeaderboardRanking.Ordinal, IReadOnlyList<LeaderboardWindow>? windows = null,
        string? prefix = null, ILeaderboardLedger? ledger = null, TimeProvider? clock = null) =>
        new(
            server.Connection,
            prefix ?? RedisFixture.NewPrefix(),
            new LeaderboardOptions { Name = "board", Mode = mode, Ranking = ranking, Windows = windows ?? [LeaderboardWindow.AllTime] },
            ledger,
            clock ?? new FakeTimeProvider(Monday.AddHours(1)));

    private static async Task<string[]> MembersAsync(Leaderboard board, LeaderboardWindow window) =>
        [.. (await board.TopAsync(window, 10)).Select(static entry => entry.Member)];
}

public sealed class LeaderboardOnOneServer(OwnRedis server) : LeaderboardTests(server), IClassFixture<OwnRedis>;

public sealed class LeaderboardOnACluster(ClusterRedis server) : LeaderboardTests(server);
