using System.Collections.Concurrent;
using Shop.Contracts;
using Shop.Contracts.Gaming;
using Shop.Gaming.Seasons;
using Shop.Redis.Leaderboards;
using Shop.Redis.Live;
using StackExchange.Redis;
using BoardWindow = Shop.Redis.Leaderboards.LeaderboardWindow;
using ContractWindow = Shop.Contracts.Gaming.LeaderboardWindow;

namespace Shop.Gaming.Scores;

/// <summary>
/// The boards in Redis over the ledger in Postgres. A score is in the ledger before it goes to its board; what the board did
/// not confirm stays marked there and is sent again by <see cref="BoardCatchUp"/>. Nobody waits for Redis longer than
/// <see cref="Patience"/>: then the ledger answers.
/// </summary>
public sealed partial class GameBoards(IConnectionMultiplexer redis, string keyPrefix, Ledger ledger, LiveLog<BoardChange> changes, TimeProvider clock, ILogger<GameBoards> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Leaderboard> _boards = new(StringComparer.Ordinal);

    /// <summary>Records the entry and puts it on its board. Durable when it returns, with or without Redis.</summary>
    public async Task RecordAsync(LedgerEntry entry, CancellationToken cancellationToken)
    {
        var recorded = await ledger.RecordAsync(entry, cancellationToken);
        await TryAsync(entry.Board, async token =>
        {
            await PutOnBoardAsync(recorded, token);
            return true;
        }, cancellationToken);
    }

    /// <summary>Puts a recorded entry on its board, tells whoever watches the board, and notes that it is there. May be repeated. Throws when Redis is away.</summary>
    public async Task PutOnBoardAsync(LedgerEntry entry, CancellationToken cancellationToken)
    {
        await OnBoardAsync(entry.Board, board => board.SubmitAsync(entry.Customer, entry.Score, entry.SubmissionId, entry.At, cancellationToken), cancellationToken);
        await changes.AppendAsync(LiveLogs.Board(entry.Board), new BoardChange(entry.Customer, entry.Score), cancellationToken);
        await ledger.MarkOnBoardAsync(entry.SubmissionId, cancellationToken);
    }

    public async Task<IReadOnlyList<Standing>> TopAsync(string board, ContractWindow window, int count, CancellationToken cancellationToken = default) =>
        await TryAsync(board, async token => Standings(await OnBoardAsync(board, live => live.TopAsync(Map(window), count, token), token)), cancellationToken)
        ?? await ledger.StandingsAsync(board, Ledger.Since(window, clock.GetUtcNow()), DateTimeOffset.MaxValue, around: null, count, cancellationToken);

    public async Task<IReadOnlyList<Standing>> AroundAsync(string board, ContractWindow window, string customer, int radius, CancellationToken cancellationToken = default) =>
        await TryAsync(board, async token => Standings(await OnBoardAsync(board, live => live.AroundAsync(Map(window), customer, radius, token), token)), cancellationToken)
        ?? await ledger.StandingsAsync(board, Ledger.Since(window, clock.GetUtcNow()), DateTimeOffset.MaxValue, customer, radius, cancellationToken);

    /// <summary>Asks Redis; the default when it is away.</summary>
    private async Task<T?> TryAsync<T>(string board, Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await ask(cancellationToken).WaitAsync(Patience, clock, cancellationToken);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            LogAway(logger, board, exception.Message);
            return default;
        }
    }

    /// <summary>A board that an earlier release built, with other windows, is built anew from the ledger.</summary>
    private async Task<T> OnBoardAsync<T>(string name, Func<Leaderboard, Task<T>> use, CancellationToken cancellationToken)
    {
        var board = Board(name);
        try
        {
            return await use(board);
        }
        catch (InvalidOperationException exception) when (exception is not ObjectDisposedException)
        {
            LogReshaped(logger, exception.Message);
            await board.RebuildAsync(cancellationToken);
            return await use(board);
        }
    }

    private Leaderboard Board(string name) => _boards.GetOrAdd(name, static (board, self) => new Leaderboard(
        self.redis,
        self.keyPrefix,
        new LeaderboardOptions
        {
            Name = board,
            Mode = board == Boards.Loyalty ? LeaderboardMode.Sum : LeaderboardMode.Best,
            Windows = [BoardWindow.AllTime, BoardWindow.Day, BoardWindow.Week, BoardWindow.Season],
            Seasons = Season.AroundNow(self.clock.GetUtcNow()),
        },
        self.ledger,
        self.clock), (redis, keyPrefix, ledger, clock));

    private static IReadOnlyList<Standing> Standings(IReadOnlyList<LeaderboardEntry> entries) =>
        [.. entries.Select(static entry => new Standing(entry.Rank, entry.Member, entry.Score))];

    private static BoardWindow Map(ContractWindow window) => window switch
    {
        ContractWindow.Day => BoardWindow.Day,
        ContractWindow.Week => BoardWindow.Week,
        ContractWindow.Season => BoardWindow.Season,
        _ => BoardWindow.AllTime,
    };

    [LoggerMessage(2, LogLevel.Warning, "Building a board anew: {Reason}")]
    private static partial void LogReshaped(ILogger logger, string reason);

    [LoggerMessage(1, LogLevel.Information, "The board {Board} is out of reach ({Error}); the ledger stands in for it")]
    private static partial void LogAway(ILogger logger, string board, string error);
}
