using Shop.Contracts.Gaming;
using Shop.Gaming.Runs;
using Shop.Gaming.Scores;
using Shop.Redis.Jobs;

namespace Shop.Gaming.Seasons;

/// <summary>
/// Closes the seasons that have ended, one after the other, board by board. Standings come from the ledger, not from Redis, so
/// that a wipe cannot change who won, and are in the board's own order, so that of equals the first wins. Postgres knows what is
/// closed: a run that was killed goes on where it was, a repeated one finds nothing to do, and a season that was missed is
/// closed by the next run. Awards are ordinary entries of the ledger; <see cref="BoardCatchUp"/> brings them to the board.
/// A score that arrives after its season was closed counts in the other windows only. Only games that the shop offers and enough
/// customers played award points.
/// </summary>
public sealed partial class SeasonCloser(SeasonStore seasons, Ledger ledger, GameCatalogue games, SeasonOptions options, TimeProvider clock, ILogger<SeasonCloser> logger) : IJobHandler<CloseSeasons>
{
    /// <summary>So many places are kept.</summary>
    public const int MaxStandings = 100;

    public async ValueTask<JobOutcome> HandleAsync(CloseSeasons arguments, JobContext job, CancellationToken cancellationToken)
    {
        var closed = await CloseAsync(arguments.EndedBy, (done, of, what) => job.ReportProgressAsync(100d * done / of, what), cancellationToken);
        return JobOutcome.Done(closed, SeasonJson.Default.ClosedSeasons);
    }

    /// <summary>Closes every open season that ended by <paramref name="endedBy"/>.</summary>
    /// <param name="endedBy">Not later than now: a season that still runs is never closed.</param>
    /// <param name="progress">Told how many of how many boards of a season are frozen.</param>
    /// <param name="cancellationToken">Stops between two boards.</param>
    public async Task<ClosedSeasons> CloseAsync(DateTimeOffset endedBy, Func<int, int, string, Task> progress, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var limit = endedBy < now ? endedBy : now;
        var closed = new List<string>();
        var frozen = 0;
        while (await seasons.NextAsync(cancellationToken) is { } season && season.End <= limit)
        {
            var boards = await seasons.OpenBoardsAsync(season, cancellationToken);
            for (var i = 0; i < boards.Count; i++)
            {
                if (await FreezeAsync(boards[i], season, cancellationToken))
                    frozen++;
                await progress(i + 1, boards.Count, $"{season}: {boards[i]}");
            }

            await seasons.CloseAsync(season, clock.GetUtcNow(), cancellationToken);
            closed.Add(season.Id);
            LogClosed(logger, season.Id, boards.Count);
        }

        return new ClosedSeasons(closed, frozen);
    }

    private async Task<bool> FreezeAsync(string board, Season season, CancellationToken cancellationToken)
    {
        var standings = await ledger.StandingsAsync(board, season.Start, season.End, around: null, MaxStandings, cancellationToken);
        var players = standings.Count < MaxStandings ? standings.Count : await ledger.PlayersAsync(board, season.Start, season.End, cancellationToken);
        return await seasons.FreezeAsync(
            board, season, players, [.. standings.Select(standing => new SeasonStanding(standing.Rank, standing.Customer, standing.Score, AwardOf(board, players, standing)))], clock.GetUtcNow(), cancellationToken);
    }

    /// <summary>Games award loyalty points; loyalty itself does not.</summary>
    private long AwardOf(string board, long players, Standing standing) =>
        games.Find(board) is not null && players >= options.MinPlayers && standing.Rank <= options.AwardsOrDefault.Count ? options.AwardsOrDefault[(int)standing.Rank - 1] : 0;

    [LoggerMessage(1, LogLevel.Information, "Closed the season {Season} on {Boards} boards")]
    private static partial void LogClosed(ILogger logger, string season, int boards);
}
