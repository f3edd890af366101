using System.Runtime.CompilerServices;
using Dapper;
using Npgsql;
using Shop.Contracts.Gaming;
using Shop.Messaging;
using Shop.Redis.Leaderboards;
using ContractWindow = Shop.Contracts.Gaming.LeaderboardWindow;

namespace Shop.Gaming.Scores;

/// <summary>
/// The truth about scores, in Postgres. Entries that arrive together share a transaction; an entry that is there already stays
/// as it was and is answered as it was, so that a repeat gives the board the same values. The ledger can also answer what the
/// boards answer, slower: that is how the shop has leaderboards while Redis is away.
/// </summary>
public sealed class Ledger : ILeaderboardLedger, IAsyncDisposable
{
    private readonly NpgsqlDataSource _database;
    private readonly GroupCommit<LedgerEntry, LedgerEntry> _records;
    private readonly GroupCommit<string, bool> _marks;

    public Ledger(NpgsqlDataSource database)
    {
        _database = database;
        _records = new GroupCommit<LedgerEntry, LedgerEntry>("gaming.record", InsertAsync);
        _marks = new GroupCommit<string, bool>("gaming.on-board", MarkAsync);
    }

    /// <summary>Completes when the entry is durable; answers it as it stands in the ledger.</summary>
    public Task<LedgerEntry> RecordAsync(LedgerEntry entry, CancellationToken cancellationToken = default) => _records.SubmitAsync(entry, cancellationToken);

    /// <summary>Notes that the board has the entry.</summary>
    public Task MarkOnBoardAsync(string submissionId, CancellationToken cancellationToken = default) => _marks.SubmitAsync(submissionId, cancellationToken);

    /// <summary>The entry of that id, or null.</summary>
    public async Task<LedgerEntry?> FindAsync(string submissionId, CancellationToken cancellationToken = default)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        return (await ReadEntriesAsync(connection, "WHERE submission_id = @submissionId", new { submissionId }, cancellationToken)).SingleOrDefault();
    }

    /// <summary>Entries that no board has confirmed, recorded before <paramref name="before"/>, oldest first.</summary>
    public async Task<IReadOnlyList<LedgerEntry>> NotOnBoardAsync(DateTimeOffset before, int take, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        return await ReadEntriesAsync(connection, "WHERE NOT on_board AND at < @before ORDER BY at LIMIT @take", new { before, take }, cancellationToken);
    }

    /// <summary>Doubts every entry since <paramref name="since"/>: Redis came back, and may have lost its last moments.</summary>
    public async Task<int> DoubtAsync(DateTimeOffset since, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        return await connection.ExecuteAsync(new CommandDefinition(
            "UPDATE ledger SET on_board = false WHERE on_board AND at >= @since", new { since }, cancellationToken: cancellationToken));
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<LeaderboardSubmission> ReadAsync(string board, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var connection = await _database.OpenConnectionAsync(ct);
        await using var command = new NpgsqlCommand("SELECT customer, score, submission_id, at FROM ledger WHERE board = $1", connection);
        command.Parameters.AddWithValue(board);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            yield return new LeaderboardSubmission(reader.GetString(0), reader.GetInt64(1), reader.GetString(2), reader.GetFieldValue<DateTimeOffset>(3));
    }

    /// <summary>The standings of a board in a time, straight from the ledger, in the board's own order: by score, then by who was first.</summary>
    /// <param name="board">The board; loyalty adds up, games take the best.</param>
    /// <param name="since">The beginning of the time.</param>
    /// <param name="until">The first moment after it; <see cref="DateTimeOffset.MaxValue"/> for no end.</param>
    /// <param name="around">Only this customer and <paramref name="count"/> neighbours on each side; null for the best <paramref name="count"/>.</param>
    /// <param name="count">How many.</param>
    /// <param name="cancellationToken">Stops the query.</param>
    public async Task<IReadOnlyList<Standing>> StandingsAsync(string board, DateTimeOffset since, DateTimeOffset until, string? around, int count, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        var rows = await connection.QueryAsync<(long Rank, string Customer, long Score)>(new CommandDefinition(
            """
            WITH best AS (
                SELECT DISTINCT ON (customer) customer, score, at
                FROM ledger
                WHERE board = @board AND at >= @since AND at < @until AND NOT @adds
                ORDER BY customer, score DESC, at
            ), sums AS (
                SELECT customer, sum(score)::bigint AS score, max(at) AS at
                FROM ledger
                WHERE board = @board AND at >= @since AND at < @until AND @adds
                GROUP BY customer
            ), ranked AS (
                SELECT row_number() OVER (ORDER BY score DESC, at, customer COLLATE "C") AS rank, customer, score
                FROM (SELECT * FROM best UNION ALL SELECT * FROM sums) AS players
            ), mine AS (
                SELECT rank FROM ranked WHERE customer = @around
            )
            SELECT rank, customer, score
            FROM ranked
            WHERE CASE WHEN @around::text IS NULL THEN rank <= @count ELSE rank BETWEEN (SELECT rank - @count FROM mine) AND (SELECT rank + @count FROM mine) END
            ORDER BY rank
            """,
            new { board, since, until, around, count, adds = board == Boards.Loyalty },
            cancellationToken: cancellationToken));
        return [.. rows.Select(static row => new Standing(row.Rank, row.Customer, row.Score))];
    }

    /// <summary>How many customers are on a board in a time.</summary>
    public async Task<long> PlayersAsync(string board, DateTimeOffset since, DateTimeOffset until, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        return await connection.QuerySingleAsync<long>(new CommandDefinition(
            "SELECT count(DISTINCT customer) FROM ledger WHERE board = @board AND at >= @since AND at < @until", new { board, since, until }, cancellationToken: cancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        await _records.DisposeAsync();
        await _marks.DisposeAsync();
    }

    private async Task<IReadOnlyList<LedgerEntry>> InsertAsync(IReadOnlyList<LedgerEntry> batch, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        await using var result = await connection.QueryMultipleAsync(new CommandDefinition(
            """
            INSERT INTO ledger (submission_id, board, customer, score, at)
            SELECT submission_id, board, customer, score, at
            FROM unnest(@ids, @boards, @customers, @scores, @times) AS entry (submission_id, board, customer, score, at)
            ORDER BY submission_id
            ON CONFLICT (submission_id) DO NOTHING;

            SELECT submission_id, board, customer, score, at FROM ledger WHERE submission_id = ANY (@ids);
            """,
            new
            {
                ids = batch.Select(static entry => entry.SubmissionId).ToArray(),
                boards = batch.Select(static entry => entry.Board).ToArray(),
                customers = batch.Select(static entry => entry.Customer).ToArray(),
                scores = batch.Select(static entry => entry.Score).ToArray(),
                times = batch.Select(static entry => entry.At).ToArray(),
            },
            cancellationToken: cancellationToken));
        var stored = Entries(await result.ReadAsync<(string, string, string, long, DateTimeOffset)>());
        var byId = stored.ToDictionary(static entry => entry.SubmissionId, StringComparer.Ordinal);
        return [.. batch.Select(entry => byId[entry.SubmissionId])];
    }

    private async Task<IReadOnlyList<bool>> MarkAsync(IReadOnlyList<string> batch, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            "UPDATE ledger SET on_board = true WHERE submission_id = ANY (@ids) AND NOT on_board", new { ids = batch.ToArray() }, cancellationToken: cancellationToken));
        return [.. batch.Select(static _ => true)];
    }

    private static async Task<List<LedgerEntry>> ReadEntriesAsync(NpgsqlConnection connection, string where, object parameters, CancellationToken cancellationToken)
    {
        return Entries(await connection.QueryAsync<(string, string, string, long, DateTimeOffset)>(new CommandDefinition(
            $"SELECT submission_id, board, customer, score, at FROM ledger {where}", parameters, cancellationToken: cancellationToken)));
    }

    private static List<LedgerEntry> Entries(IEnumerable<(string Id, string Board, string Customer, long Score, DateTimeOffset At)> rows) =>
        [.. rows.Select(static row => new LedgerEntry(row.Id, row.Board, row.Customer, row.Score, row.At))];

    /// <summary>When a window began.</summary>
    public static DateTimeOffset Since(ContractWindow window, DateTimeOffset now)
    {
        var today = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
        return window switch
        {
            ContractWindow.Day => today,
            ContractWindow.Season => today.AddDays(1 - today.Day),
            ContractWindow.Week => today.AddDays(-(((int)today.DayOfWeek + 6) % 7)), // from Monday
            _ => DateTimeOffset.UnixEpoch,
        };
    }
}
