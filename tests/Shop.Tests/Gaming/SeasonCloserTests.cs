using System.Globalization;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Shop.Contracts;
using Shop.Contracts.Gaming;
using Shop.Gaming.Scores;
using Shop.Gaming.Seasons;
using Shop.Redis.Jobs;
using Shop.Redis.Leaderboards;
using Shop.Testing;
using Xunit;
using LeaderboardWindow = Shop.Contracts.Gaming.LeaderboardWindow;

namespace Shop.Tests.Gaming;

public sealed class SeasonCloserTests(Servers servers)
{
    private static readonly Season October = Season.Parse("2026-10");

    /// <summary>Few play in these tests.</summary>
    private readonly SeasonOptions _options = new() { MinPlayers = 1 };

    private FakeTimeProvider _clock = new(At("2026-11-01T00:10:00Z"));

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_month_that_ended_is_frozen_in_the_boards_own_order_and_the_first_three_get_points_once()
    {
        await using var sandbox = await CreateAsync();
        await ScoreAsync(sandbox, "zoe", 300, "2026-10-02T10:00:00Z");
        await ScoreAsync(sandbox, "ada", 300, "2026-10-02T10:00:00.000001Z"); // a microsecond later than zoe
        await ScoreAsync(sandbox, "bob", 300, "2026-10-02T10:00:00.000001Z"); // at the same moment as ada: by name
        await ScoreAsync(sandbox, "cid", 10, "2026-10-03T10:00:00Z");
        await ScoreAsync(sandbox, "cid", 299, "2026-10-31T23:59:59.999999Z");
        await ScoreAsync(sandbox, "ada", 999, "2026-11-01T00:00:00Z"); // the next season's
        await ScoreAsync(sandbox, "ada", 999, "2026-09-30T23:59:59Z", "another-game"); // the season before
        await MarkClosedAsync(sandbox, October.Previous);

        Assert.Equal(new ClosedSeasons(["2026-10"], 1), await CloseAsync(sandbox), static (one, other) => one.Boards == other.Boards && one.Seasons.SequenceEqual(other.Seasons));
        Assert.Empty((await CloseAsync(sandbox)).Seasons);

        var result = (await sandbox.Get<SeasonStore>().FindAsync("parcels", "2026-10", Cancelled))!;
        Assert.Equal(
            [new SeasonStanding(1, "zoe", 300, 100), new SeasonStanding(2, "ada", 300, 50), new SeasonStanding(3, "bob", 300, 25), new SeasonStanding(4, "cid", 299, 0)], result.Standings);
        Assert.Equal((4, _clock.GetUtcNow()), (result.Players, result.ClosedAt));
        Assert.Equal([("zoe", 100L), ("ada", 50L), ("bob", 25L)], await PointsAsync(sandbox));
        Assert.Null(await sandbox.Get<SeasonStore>().FindAsync("another-game", "2026-10", Cancelled));
    }

    [Fact]
    public async Task What_is_frozen_equals_the_board_in_redis()
    {
        _clock = new FakeTimeProvider(At("2026-10-31T23:00:00Z"));
        await using var sandbox = await CreateAsync();
        var boards = sandbox.Get<GameBoards>();
        for (var i = 0; i < 60; i++)
            await boards.RecordAsync(new LedgerEntry($"s{i}", "parcels", $"c{i % 17}", i * 37 % 11, _clock.GetUtcNow().AddMilliseconds(i / 5)), Cancelled);
        var live = await boards.TopAsync("parcels", LeaderboardWindow.Season, 100, Cancelled);

        _clock.SetUtcNow(At("2026-11-01T00:10:00Z"));
        await CloseAsync(sandbox);

        Assert.Equal(17, live.Count);
        Assert.Equal(live, (await sandbox.Get<SeasonStore>().FindAsync("parcels", "2026-10", Cancelled))!.Standings.Select(static place => new Standing(place.Rank, place.Customer, place.Score)));
        Assert.Empty(await boards.TopAsync("parcels", LeaderboardWindow.Season, 100, Cancelled));
    }

    [Fact]
    public async Task Only_the_best_hundred_are_kept_and_all_are_counted()
    {
        await using var sandbox = await CreateAsync();
        for (var i = 0; i < 120; i++)
            await ScoreAsync(sandbox, $"c{i:000}", i, "2026-10-02T10:00:00Z");

        await CloseAsync(sandbox);

        var result = (await sandbox.Get<SeasonStore>().FindAsync("parcels", "2026-10", Cancelled))!;
        Assert.Equal((120, 100, "c119", "c020"), (result.Players, result.Standings.Count, result.Standings[0].Customer, result.Standings[^1].Customer));
    }

    [Fact]
    public async Task Months_that_were_missed_are_closed_one_after_the_other()
    {
        await using var sandbox = await CreateAsync();
        await ScoreAsync(sandbox, "ada", 1, "2026-07-15T10:00:00Z");
        await ScoreAsync(sandbox, "bob", 2, "2026-10-15T10:00:00Z");
        await ScoreAsync(sandbox, "bob", 3, "2026-11-01T00:05:00Z");

        var closed = await CloseAsync(sandbox);

        Assert.Equal(["2026-07", "2026-08", "2026-09", "2026-10"], closed.Seasons);
        Assert.Equal("ada", Assert.Single((await sandbox.Get<SeasonStore>().FindAsync("parcels", "2026-07", Cancelled))!.Standings).Customer);
        Assert.Null(await sandbox.Get<SeasonStore>().FindAsync("parcels", "2026-11", Cancelled));
    }

    [Fact]
    public async Task However_many_replicas_close_a_season_at_once_it_is_closed_and_paid_once()
    {
        await using var first = await CreateAsync();
        await using var second = first.Replica(Register);
        foreach (var game in new[] { "a", "b", "c", "d", "e" })
            await ScoreAsync(first, $"winner-of-{game}", 5, "2026-10-02T10:00:00Z", game);

        var closed = await Task.WhenAll(CloseAsync(first), CloseAsync(second), CloseAsync(first), CloseAsync(second));

        Assert.Equal(5, closed.Sum(static run => run.Boards));
        Assert.Equal(500, (await PointsAsync(first)).Sum(static points => points.Score));
    }

    [Fact]
    public async Task A_run_that_was_killed_between_two_boards_is_finished_by_the_next()
    {
        await using var sandbox = await CreateAsync();
        await ScoreAsync(sandbox, "ada", 1, "2026-10-15T10:00:00Z", "a");
        await ScoreAsync(sandbox, "bob", 2, "2026-10-15T10:00:00Z", "b");

        await Assert.ThrowsAsync<InvalidOperationException>(() => sandbox.Get<SeasonCloser>().CloseAsync(
            _clock.GetUtcNow(), static (_, _, _) => throw new InvalidOperationException("killed after the first board"), Cancelled));
        Assert.Equal(1, (await CloseAsync(sandbox)).Boards);

        Assert.Equal([("ada", 100L), ("bob", 100L)], (await PointsAsync(sandbox)).Order());
    }

    [Fact]
    public async Task Loyalty_has_seasons_too_but_awards_nothing_and_awards_count_in_the_month_that_they_are_given()
    {
        await using var sandbox = await CreateAsync();
        await ScoreAsync(sandbox, "ada", 40, "2026-10-15T10:00:00Z", Boards.Loyalty);
        await ScoreAsync(sandbox, "ada", 2, "2026-10-16T10:00:00Z", Boards.Loyalty);
        await ScoreAsync(sandbox, "ada", 1, "2026-10-15T10:00:00Z");

        await CloseAsync(sandbox);

        Assert.Equal(new SeasonStanding(1, "ada", 42, 0), Assert.Single((await sandbox.Get<SeasonStore>().FindAsync(Boards.Loyalty, "2026-10", Cancelled))!.Standings));
        Assert.Equal([new Standing(1, "ada", 100)], await sandbox.Get<Ledger>().StandingsAsync(Boards.Loyalty, October.End, October.Next.End, around: null, 10, Cancelled));
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(3, 175)]
    public async Task A_game_that_too_few_played_awards_nothing(int players, long points)
    {
        _options.MinPlayers = new SeasonOptions().MinPlayers;
        await using var sandbox = await CreateAsync();
        for (var i = 0; i < players; i++)
            await ScoreAsync(sandbox, $"c{i}", i, "2026-10-15T10:00:00Z");

        await CloseAsync(sandbox);

        Assert.Equal(points, (await PointsAsync(sandbox)).Sum(static one => one.Score));
        Assert.Equal(players, (await sandbox.Get<SeasonStore>().FindAsync("parcels", "2026-10", Cancelled))!.Players);
    }

    [Fact]
    public async Task A_game_that_somebody_invented_awards_nothing()
    {
        await using var sandbox = await CreateAsync();
        foreach (var customer in new[] { "ada", "bob", "cid", "dan" })
            await ScoreAsync(sandbox, customer, 1, "2026-10-15T10:00:00Z", "my-own-game");

        await CloseAsync(sandbox);

        Assert.Empty(await PointsAsync(sandbox));
    }

    [Fact]
    public async Task The_job_closes_the_season_and_the_winners_points_reach_the_board()
    {
        await using var sandbox = await ServiceSandbox.CreateAsync(servers.Postgres, servers.Redis.Connection, typeof(Ledger).Assembly, static (services, prefix) => services
            .AddScores(prefix, Games.Offered("parcels")).AddSingleton<BoardCatchUp>()
            .AddSeasons(prefix, new SeasonOptions { CatchUpCron = "* * * * * *", MinPlayers = 1 }));
        var last = Season.Of(TimeProvider.System.GetUtcNow()).Previous;
        await sandbox.Get<Ledger>().RecordAsync(new LedgerEntry("s", "parcels", "ada", 9, last.Start.AddDays(3)), Cancelled);
        await sandbox.StartAsync();
        await sandbox.Get<BoardCatchUp>().StartAsync(Cancelled);

        await Eventually.BecomesAsync(
            () => sandbox.Get<GameBoards>().TopAsync(Boards.Loyalty, LeaderboardWindow.Season, 10, Cancelled),
            static top => top is [{ Customer: "ada", Score: 100 }],
            "the award on the loyalty board",
            TimeSpan.FromSeconds(60));
        await sandbox.Get<BoardCatchUp>().StopAsync(Cancelled);

        Assert.NotNull(await sandbox.Get<SeasonStore>().FindAsync("parcels", last.Id, Cancelled));
        var kept = await sandbox.Get<JobInspector>().ListAsync(Queues.Seasons, JobState.Succeeded, ct: Cancelled);
        Assert.Contains(kept.Jobs, job => job.Result == $$"""{"seasons":["{{last.Id}}"],"boards":1}""");
    }

    [Fact]
    public async Task A_board_that_an_earlier_release_built_without_seasons_is_built_anew()
    {
        await using var sandbox = await CreateAsync();
        await ScoreAsync(sandbox, "ada", 7, "2026-11-01T00:05:00Z");
        var before = new Leaderboard(
            servers.Redis.Connection, sandbox.Prefix,
            new LeaderboardOptions { Name = "parcels", Windows = [Shop.Redis.Leaderboards.LeaderboardWindow.AllTime, Shop.Redis.Leaderboards.LeaderboardWindow.Day, Shop.Redis.Leaderboards.LeaderboardWindow.Week] },
            sandbox.Get<Ledger>(), _clock);
        await before.TopAsync(Shop.Redis.Leaderboards.LeaderboardWindow.Day, 1, Cancelled);

        Assert.Equal([new Standing(1, "ada", 7)], await sandbox.Get<GameBoards>().TopAsync("parcels", LeaderboardWindow.Season, 10, Cancelled));
        await sandbox.Get<GameBoards>().RecordAsync(new LedgerEntry("later", "parcels", "bob", 8, At("2026-11-01T00:06:00Z")), Cancelled);
        Assert.Empty(await sandbox.Get<Ledger>().NotOnBoardAsync(DateTimeOffset.MaxValue, 10, Cancelled) is var left ? left.Where(static entry => entry.Customer == "bob") : []);
    }

    private Task<ClosedSeasons> CloseAsync(ServiceSandbox sandbox) =>
        sandbox.Get<SeasonCloser>().CloseAsync(_clock.GetUtcNow(), static (_, _, _) => Task.CompletedTask, Cancelled);

    private static Task ScoreAsync(ServiceSandbox sandbox, string customer, long score, string at, string game = "parcels") =>
        sandbox.Get<Ledger>().RecordAsync(new LedgerEntry(Guid.CreateVersion7().ToString(), game, customer, score, At(at)), Cancelled);

    private static Task MarkClosedAsync(ServiceSandbox sandbox, Season season) => sandbox.Get<SeasonStore>().CloseAsync(season, season.End, Cancelled);

    private static async Task<(string Customer, long Score)[]> PointsAsync(ServiceSandbox sandbox)
    {
        await using var connection = await sandbox.Database.OpenConnectionAsync(Cancelled);
        return [.. await connection.QueryAsync<(string, long)>("SELECT customer, score FROM ledger WHERE submission_id LIKE 'season:%' ORDER BY score DESC, customer")];
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private Task<ServiceSandbox> CreateAsync() => ServiceSandbox.CreateAsync(servers.Postgres, servers.Redis.Connection, typeof(Ledger).Assembly, Register);

    private void Register(IServiceCollection services, string prefix) => services
        .AddSingleton<TimeProvider>(_clock).AddSingleton(_options)
        .AddScores(prefix, Games.Offered("parcels", "a", "b", "c", "d", "e")).AddSingleton<SeasonStore>().AddSingleton<SeasonCloser>();
}
