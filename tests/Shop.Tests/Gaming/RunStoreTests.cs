using System.Globalization;
using Shop.Contracts.Gaming;
using Shop.Gaming.Runs;
using Shop.Gaming.Scores;
using Xunit;

namespace Shop.Tests.Gaming;

public sealed class RunStoreTests(Servers servers)
{
    private static readonly DateTimeOffset Start = DateTimeOffset.Parse("2026-11-25T12:00:00Z", CultureInfo.InvariantCulture);
    private static readonly DateTimeOffset End = Start.AddSeconds(60);

    private readonly GameRules _rules = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_is_scored_once_and_the_ledger_has_it()
    {
        await using var sandbox = await CreateAsync();
        var run = await StartAsync(sandbox);

        Assert.Null(await ScoreAsync(sandbox, new ScoredRun(run, Guid.CreateVersion7(), 100)));

        var second = await ScoreAsync(sandbox, new ScoredRun(run, Guid.CreateVersion7(), 200));
        Assert.Equal((RunRefusalReason.AlreadyScored, "This run has its score already: 100. Start another."), (second!.Reason, second.Detail));
        Assert.Equal(new LedgerEntry($"run:{run}", "parcels", "ada", 100, End), await sandbox.Get<Ledger>().FindAsync($"run:{run}", Cancelled));
    }

    [Fact]
    public async Task A_request_that_is_repeated_gets_the_same_answer()
    {
        await using var sandbox = await CreateAsync();
        var scored = new ScoredRun(await StartAsync(sandbox), Guid.CreateVersion7(), 100);

        Assert.Null(await ScoreAsync(sandbox, scored));
        Assert.Null(await ScoreAsync(sandbox, scored, End.AddSeconds(3)));

        Assert.Equal(End, (await sandbox.Get<Ledger>().FindAsync(scored.Entry, Cancelled))!.At);
    }

    [Fact]
    public async Task Of_many_scores_for_a_run_at_once_one_counts()
    {
        await using var sandbox = await CreateAsync();
        var run = await StartAsync(sandbox);

        var answers = await Task.WhenAll(Enumerable.Range(1, 20).Select(score => ScoreAsync(sandbox, new ScoredRun(run, Guid.CreateVersion7(), score))));

        Assert.Single(answers, static answer => answer is null);
        Assert.Equal(19, answers.Count(static answer => answer?.Reason == RunRefusalReason.AlreadyScored));
        Assert.Single(await sandbox.Get<Ledger>().NotOnBoardAsync(DateTimeOffset.MaxValue, 100, Cancelled));
    }

    [Fact]
    public async Task Neither_an_invented_run_nor_another_ones_nor_one_of_another_game_nor_an_abandoned_one_has_a_score()
    {
        await using var sandbox = await CreateAsync();
        var abandoned = await StartAsync(sandbox);
        var mine = await StartAsync(sandbox);

        foreach (var run in new[] { Guid.CreateVersion7(), Guid.Empty, abandoned })
            Assert.Equal(RunRefusalReason.NoSuchRun, (await ScoreAsync(sandbox, new ScoredRun(run, Guid.CreateVersion7(), 1)))!.Reason);
        Assert.Equal(RunRefusalReason.NoSuchRun, (await ScoreAsync(sandbox, new ScoredRun(mine, Guid.CreateVersion7(), 1), customer: "bob"))!.Reason);
        Assert.Equal(RunRefusalReason.NoSuchRun, (await ScoreAsync(sandbox, new ScoredRun(mine, Guid.CreateVersion7(), 1), game: "memory"))!.Reason);
        Assert.Empty(await sandbox.Get<Ledger>().NotOnBoardAsync(DateTimeOffset.MaxValue, 100, Cancelled));
        Assert.Null(await ScoreAsync(sandbox, new ScoredRun(mine, Guid.CreateVersion7(), 1)));
    }

    [Theory]
    [InlineData(59, 1, RunRefusalReason.TooFast)]
    [InlineData(60, 2401, RunRefusalReason.TooHigh)]
    [InlineData(901, 1, RunRefusalReason.Expired)]
    public async Task A_refused_score_leaves_no_trace_and_the_run_open(int seconds, long score, RunRefusalReason expected)
    {
        await using var sandbox = await CreateAsync();
        var run = await StartAsync(sandbox);

        Assert.Equal(expected, (await ScoreAsync(sandbox, new ScoredRun(run, Guid.CreateVersion7(), score), Start.AddSeconds(seconds)))!.Reason);

        Assert.Empty(await sandbox.Get<Ledger>().NotOnBoardAsync(DateTimeOffset.MaxValue, 100, Cancelled));
        Assert.Null(await ScoreAsync(sandbox, new ScoredRun(run, Guid.CreateVersion7(), 1)));
    }

    [Fact]
    public async Task A_start_that_is_repeated_starts_one_run()
    {
        await using var sandbox = await CreateAsync();
        var first = new Run(Guid.CreateVersion7(), 1, Start);
        await sandbox.Get<RunStore>().StartAsync("ada", "parcels", first, Cancelled);

        Assert.Equal(first, await sandbox.Get<RunStore>().StartAsync("ada", "parcels", first with { Seed = 2, StartedAt = End }, Cancelled));
    }

    private Task<ServiceSandbox> CreateAsync() =>
        ServiceSandbox.CreateAsync(servers.Postgres, servers.Redis.Connection, typeof(Ledger).Assembly, static (services, prefix) => services.AddScores(prefix, Games.Offered("parcels", "memory")));

    private static async Task<Guid> StartAsync(ServiceSandbox sandbox) =>
        (await sandbox.Get<RunStore>().StartAsync("ada", "parcels", new Run(Guid.CreateVersion7(), 7, Start), Cancelled)).Id;

    private Task<RunRefusal?> ScoreAsync(ServiceSandbox sandbox, ScoredRun scored, DateTimeOffset? at = null, string customer = "ada", string game = "parcels") =>
        sandbox.Get<RunStore>().ScoreAsync(customer, game, _rules, scored, at ?? End, Cancelled);
}
