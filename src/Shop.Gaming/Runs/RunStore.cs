using Dapper;
using Npgsql;
using Shop.Contracts.Gaming;

namespace Shop.Gaming.Runs;

/// <summary>
/// The runs in Postgres: one for each customer and game, so that a customer plays one at a time. A run gets its score and the
/// ledger its entry in one transaction.
/// </summary>
public sealed class RunStore(NpgsqlDataSource database)
{
    /// <summary>Puts the run in the place of the customer's last; answers it as it stands: a repeated start changes nothing.</summary>
    public async Task<Run> StartAsync(string customer, string game, Run run, CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var (seed, startedAt) = await connection.QuerySingleAsync<(int, DateTimeOffset)>(new CommandDefinition(
            """
            INSERT INTO runs (customer, game, id, seed, started_at)
            VALUES (@customer, @game, @Id, @Seed, @StartedAt)
            ON CONFLICT (customer, game) DO UPDATE SET
                id = excluded.id,
                seed = CASE WHEN runs.id = excluded.id THEN runs.seed ELSE excluded.seed END,
                started_at = CASE WHEN runs.id = excluded.id THEN runs.started_at ELSE excluded.started_at END,
                submission = CASE WHEN runs.id = excluded.id THEN runs.submission END,
                score = CASE WHEN runs.id = excluded.id THEN runs.score END
            RETURNING seed, started_at
            """,
            new { customer, game, run.Id, run.Seed, run.StartedAt },
            cancellationToken: cancellationToken));
        return run with { Seed = seed, StartedAt = startedAt };
    }

    /// <summary>Gives the run its score, once. Of two that come at once the second waits, and is told.</summary>
    /// <param name="customer">Who plays.</param>
    /// <param name="game">The game.</param>
    /// <param name="rules">What the game allows.</param>
    /// <param name="scored">The run, the request and the score.</param>
    /// <param name="now">When the score came.</param>
    /// <param name="cancellationToken">Gives up; the score may still be taken.</param>
    /// <returns>Why not; null when the run has this score, now or by an earlier try of the same request.</returns>
    public async Task<RunRefusal?> ScoreAsync(string customer, string game, GameRules rules, ScoredRun scored, DateTimeOffset now, CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var run = await connection.QuerySingleOrDefaultAsync<(Guid Id, DateTimeOffset StartedAt, Guid? Submission, long? Score)>(new CommandDefinition(
            "SELECT id, started_at, submission, score FROM runs WHERE customer = @customer AND game = @game FOR UPDATE", new { customer, game }, transaction, cancellationToken: cancellationToken));
        if (run.Id == Guid.Empty || run.Id != scored.Run)
            return new RunRefusal(RunRefusalReason.NoSuchRun, "You have no such run: it never was, or you have started another since. Start one, and send its token with its score.");
        if (run.Submission == scored.Submission)
            return null;
        if (run.Submission is not null)
            return new RunRefusal(RunRefusalReason.AlreadyScored, FormattableString.Invariant($"This run has its score already: {run.Score}. Start another."));
        if (rules.Judge(run.StartedAt, scored.Score, now) is { } refusal)
            return refusal;

        await connection.ExecuteAsync(new CommandDefinition(
            """
            UPDATE runs SET submission = @Submission, score = @Score WHERE customer = @customer AND game = @game;
            INSERT INTO ledger (submission_id, board, customer, score, at) VALUES (@Entry, @game, @customer, @Score, @now);
            """,
            new { scored.Submission, scored.Score, scored.Entry, customer, game, now },
            transaction,
            cancellationToken: cancellationToken));
        await transaction.CommitAsync(cancellationToken);
        return null;
    }
}

/// <summary>A run as it was started.</summary>
public sealed record Run(Guid Id, int Seed, DateTimeOffset StartedAt);

/// <summary>A score for a run.</summary>
/// <param name="Run">The token.</param>
/// <param name="Submission">The request: repeated, it counts once.</param>
/// <param name="Score">Points.</param>
public sealed record ScoredRun(Guid Run, Guid Submission, long Score)
{
    /// <summary>Its id in the ledger.</summary>
    public string Entry => $"run:{Run}";
}
