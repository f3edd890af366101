using StackExchange.Redis;

namespace Shop.Gaming.Scores;

/// <summary>
/// Brings the boards up to the ledger: sends what Redis has not confirmed, and, when another Redis process answers than before
/// (a restart or a failover, which may have lost its last moments), doubts what it confirmed lately. Submissions count once, so
/// sending too much does no harm. A board that is gone as a whole (a wipe) is rebuilt by the board itself.
/// </summary>
public sealed partial class BoardCatchUp(Ledger ledger, GameBoards boards, IConnectionMultiplexer redis, TimeProvider clock, ILogger<BoardCatchUp> logger) : BackgroundService
{
    private const int BatchSize = 500;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Younger entries are on their way.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    /// <summary>Longer than Redis can lose with an append-only file that is flushed each second.</summary>
    private static readonly TimeSpan Doubt = TimeSpan.FromMinutes(5);

    private string? _run;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await NoticeRestartAsync(stoppingToken);
                while (await SendAsync(stoppingToken) == BatchSize)
                {
                    // a full batch: there may be more
                }
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException or Npgsql.NpgsqlException)
            {
                LogPaused(logger, exception.Message);
            }
        }
    }

    private async Task<int> SendAsync(CancellationToken cancellationToken)
    {
        var entries = await ledger.NotOnBoardAsync(clock.GetUtcNow() - Settling, BatchSize, cancellationToken);
        await Task.WhenAll(entries.Select(entry => boards.PutOnBoardAsync(entry, cancellationToken)));
        if (entries.Count > 0)
            LogSent(logger, entries.Count);
        return entries.Count;
    }

    private async Task NoticeRestartAsync(CancellationToken cancellationToken)
    {
        var primary = Array.Find(redis.GetServers(), static server => server is { IsConnected: true, IsReplica: false })
            ?? throw new TimeoutException("no primary of Redis is connected");
        var run = (await primary.InfoAsync("server")).SelectMany(static section => section).First(static line => line.Key == "run_id").Value;
        if (_run is not null && _run != run)
            LogDoubted(logger, await ledger.DoubtAsync(clock.GetUtcNow() - Doubt, cancellationToken));
        _run = run;
    }

    [LoggerMessage(1, LogLevel.Information, "Sent {Count} ledger entries to their boards that Redis had not confirmed")]
    private static partial void LogSent(ILogger logger, int count);

    [LoggerMessage(2, LogLevel.Warning, "Another Redis answers than before; {Count} recent ledger entries are sent to their boards again")]
    private static partial void LogDoubted(ILogger logger, int count);

    [LoggerMessage(3, LogLevel.Debug, "Catching up waits: {Error}")]
    private static partial void LogPaused(ILogger logger, string error);
}
