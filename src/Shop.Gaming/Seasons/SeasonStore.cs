using Dapper;
using Npgsql;
using Shop.Contracts.Gaming;

namespace Shop.Gaming.Seasons;

/// <summary>The closed seasons in Postgres.</summary>
public sealed class SeasonStore(NpgsqlDataSource database)
{
    /// <summary>The first season that is to be closed next: the one after the last that was, or the ledger's first; null when nobody has played yet.</summary>
    public async Task<Season?> NextAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        if (await connection.QuerySingleAsync<string?>(new CommandDefinition("SELECT max(season) FROM seasons", cancellationToken: cancellationToken)) is { } last)
            return Season.Parse(last).Next;
        return await connection.QuerySingleAsync<DateTime?>(new CommandDefinition("SELECT min(at) FROM ledger", cancellationToken: cancellationToken)) is { } first
            ? Season.Of(new DateTimeOffset(first))
            : null;
    }

    /// <summary>The boards on which somebody played in the season and that are not frozen yet.</summary>
    public async Task<IReadOnlyList<string>> OpenBoardsAsync(Season season, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return (await connection.QueryAsync<string>(new CommandDefinition(
            """
            SELECT DISTINCT board FROM ledger WHERE at >= @Start AND at < @End
            EXCEPT
            SELECT board FROM season_boards WHERE season = @Id
            ORDER BY board
            """,
            new { season.Id, season.Start, season.End },
            cancellationToken: cancellationToken))).AsList();
    }

    /// <summary>
    /// Freezes a board: its standings, and the awards as entries of the loyalty ledger, in one transaction, once. Whoever comes
    /// second, at whatever time, changes nothing.
    /// </summary>
    /// <returns>Whether this call did it.</returns>
    public async Task<bool> FreezeAsync(string board, Season season, long players, IReadOnlyList<SeasonStanding> standings, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var isFirst = await connection.ExecuteAsync(new CommandDefinition(
            "INSERT INTO season_boards (board, season, players, closed_at) VALUES (@board, @Id, @players, @now) ON CONFLICT DO NOTHING",
            new { board, season.Id, players, now },
            transaction,
            cancellationToken: cancellationToken)) == 1;
        if (!isFirst)
            return false;

        await connection.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO season_results (board, season, rank, customer, score, award)
            SELECT @board, @season, rank, customer, score, award
            FROM unnest(@ranks, @customers, @scores, @awards) AS standing (rank, customer, score, award);

            INSERT INTO ledger (submission_id, board, customer, score, at)
            SELECT concat_ws(':', 'season', @board, @season, rank), @loyalty, customer, award, @now
            FROM unnest(@ranks, @customers, @awards) AS standing (rank, customer, award)
            WHERE award > 0
            ON CONFLICT (submission_id) DO NOTHING;
            """,
            new
            {
                board,
                season = season.Id,
                loyalty = Boards.Loyalty,
                now,
                ranks = standings.Select(static standing => standing.Rank).ToArray(),
                customers = standings.Select(static standing => standing.Customer).ToArray(),
                scores = standings.Select(static standing => standing.Score).ToArray(),
                awards = standings.Select(static standing => standing.Award).ToArray(),
            },
            transaction,
            cancellationToken: cancellationToken));
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>Notes that every board of the season is frozen.</summary>
    public async Task CloseAsync(Season season, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            "INSERT INTO seasons (season, closed_at) VALUES (@Id, @now) ON CONFLICT DO NOTHING", new { season.Id, now }, cancellationToken: cancellationToken));
    }

    /// <summary>The final standings of a board; null when the season is not closed, or nobody played.</summary>
    public async Task<SeasonResult?> FindAsync(string board, string season, CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var both = await connection.QueryMultipleAsync(new CommandDefinition(
            """
            SELECT closed_at, players FROM season_boards WHERE board = @board AND season = @season;
            SELECT rank, customer, score, award FROM season_results WHERE board = @board AND season = @season ORDER BY rank;
            """,
            new { board, season },
            cancellationToken: cancellationToken));
        var closed = await both.ReadSingleOrDefaultAsync<(DateTimeOffset? At, long Players)>();
        return closed.At is not { } at
            ? null
            : new SeasonResult(season, at, closed.Players, [.. (await both.ReadAsync<(long Rank, string Customer, long Score, long Award)>())
                .Select(static row => new SeasonStanding(row.Rank, row.Customer, row.Score, row.Award))]);
    }
}
