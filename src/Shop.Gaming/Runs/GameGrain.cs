using System.Security.Cryptography;
using Orleans.Concurrency;
using Shop.Contracts.Gaming;
using Shop.Gaming.Scores;

namespace Shop.Gaming.Runs;

/// <inheritdoc cref="IGameGrain" />
[StatelessWorker]
public sealed class GameGrain(GameCatalogue games, RunStore runs, GameBoards boards, TimeProvider clock) : Grain, IGameGrain
{
    private string Game => this.GetPrimaryKeyString();

    public Task<GameInfo?> GetAsync() =>
        Task.FromResult(games.Find(Game) is { } rules ? new GameInfo(Game, rules.Title.Length > 0 ? rules.Title : Game, rules.Duration) : null);

    public async Task<GameRun?> StartAsync(string customer, Guid run)
    {
        if (games.Find(Game) is not { } rules)
            return null;
        var started = await runs.StartAsync(customer, Game, new Run(run, RandomNumberGenerator.GetInt32(int.MaxValue), clock.GetUtcNow()));
        return new GameRun(started.Id, started.Seed, started.StartedAt, rules.Duration, started.StartedAt + rules.Expiry);
    }

    public async Task<RunResult> ScoreAsync(string customer, Guid run, long score, Guid submission)
    {
        if (games.Find(Game) is not { } rules)
            return new RunResult(null, new RunRefusal(RunRefusalReason.NoSuchGame, $"There is no game '{Game}'."));
        var scored = new ScoredRun(run, submission, score);
        var now = clock.GetUtcNow();
        if (await runs.ScoreAsync(customer, Game, rules, scored, now) is { } refusal)
            return new RunResult(null, refusal);

        // The ledger has the entry already; this brings it to the board.
        await boards.RecordAsync(new LedgerEntry(scored.Entry, Game, customer, score, now), CancellationToken.None);
        return new RunResult((await boards.AroundAsync(Game, LeaderboardWindow.All, customer, 0)).FirstOrDefault()
            ?? throw new InvalidOperationException($"The score of '{customer}' on '{Game}' was recorded, but is not on the board."));
    }
}
