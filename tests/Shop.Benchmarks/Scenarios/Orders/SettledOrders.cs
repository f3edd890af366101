using System.Collections.Concurrent;
using System.Diagnostics;
using Npgsql;

namespace Shop.Benchmarks.Scenarios.Orders;

/// <summary>
/// Knows when an order is settled: its points are on the board and its customer has been told that it is paid. It reads both from the
/// services' databases every 25 ms while somebody waits, with statements that are planned once and read indexes only; the
/// 25 ms are part of the latency, and what the reading costs is part of PostgreSQL's processor time.
/// </summary>
internal sealed class SettledOrders : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    private readonly ConcurrentDictionary<Guid, Waiting> _waiting = new();
    private readonly Dictionary<string, long> _told = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private readonly NpgsqlDataSource _gaming;
    private readonly NpgsqlDataSource _notifications;
    private readonly Task _watching;

    public SettledOrders(string gaming, string notifications)
    {
        (_gaming, _notifications) = (Open(gaming), Open(notifications));
        _watching = Task.Run(WatchAsync);
    }

    /// <summary>Completes when the order is settled; faults when watching has failed.</summary>
    public async Task WaitAsync(Guid order)
    {
        var waiting = _waiting.GetOrAdd(order, static _ => new Waiting());
        await await Task.WhenAny(waiting.Settled.Task, _watching);
        _waiting.TryRemove(order, out _);
    }

    /// <summary>Completes when every order that was told of has its receipt: the last thing that orders leave behind, in the background.</summary>
    /// <exception cref="TimeoutException">Some had none after five minutes: mail fails, or orders were declined.</exception>
    public async Task ReceiptsAsync(CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        await using var command = _notifications.CreateCommand("SELECT (SELECT count(*) FROM notifications) <= 2 * (SELECT count(*) FROM receipts)");
        while (await command.ExecuteScalarAsync(cancellationToken) is not true)
        {
            if (Stopwatch.GetElapsedTime(began) > TimeSpan.FromMinutes(5))
                throw new TimeoutException("Paid orders have no receipt after five minutes. The log of notifications says why.");
            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _gaming.DisposeAsync();
        await _notifications.DisposeAsync();
        _stopping.Dispose();
    }

    private static NpgsqlDataSource Open(string database) =>
        NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database) { MaxAutoPrepare = 4, AutoPrepareMinUsages = 1 });

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(Pause);
        while (await timer.WaitForNextTickAsync(_stopping.Token))
        {
            if (_waiting.IsEmpty)
                continue;
            await ReadBoardAsync();
            await ReadFeedsAsync();
            foreach (var waiting in _waiting.Values)
            {
                if (waiting is { OnBoard: true, Told: true })
                    waiting.Settled.TrySetResult();
            }
        }
    }

    private async Task ReadBoardAsync()
    {
        await using var command = _gaming.CreateCommand("SELECT substr(submission_id, 6)::uuid FROM ledger WHERE submission_id = ANY ($1) AND on_board");
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. _waiting.Where(static pair => !pair.Value.OnBoard).Select(static pair => $"paid:{pair.Key}")] });
        await using var reader = await command.ExecuteReaderAsync(_stopping.Token);
        while (await reader.ReadAsync(_stopping.Token))
        {
            if (_waiting.TryGetValue(reader.GetGuid(0), out var waiting))
                waiting.OnBoard = true;
        }
    }

    /// <summary>What is new in each feed: a second message about an order tells of its payment.</summary>
    private async Task ReadFeedsAsync()
    {
        await using var command = _notifications.CreateCommand(
            """
            SELECT f.customer, n.sequence, n.order_id
            FROM feeds f
            LEFT JOIN unnest($1, $2) AS told (customer, sequence) USING (customer)
            CROSS JOIN LATERAL (
                SELECT sequence, order_id FROM notifications WHERE customer = f.customer AND sequence > coalesce(told.sequence, 0) ORDER BY sequence
            ) n
            """);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. _told.Keys] });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. _told.Values] });
        await using var reader = await command.ExecuteReaderAsync(_stopping.Token);
        while (await reader.ReadAsync(_stopping.Token))
        {
            _told[reader.GetString(0)] = reader.GetInt64(1);
            if (!await reader.IsDBNullAsync(2, _stopping.Token))
                _waiting.GetOrAdd(reader.GetGuid(2), static _ => new Waiting()).Messages++; // a message may be quicker than the answer to its order
        }
    }

    private sealed class Waiting
    {
        public TaskCompletionSource Settled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool OnBoard { get; set; }

        public int Messages { get; set; }

        public bool Told => Messages >= 2;
    }
}
