using Microsoft.Extensions.Logging;
using Shop.Redis.Locks;
using StackExchange.Redis;

namespace Shop.Redis.Leaderboards;

/// <summary>
/// Builds a board from the ledger, one process at a time. The board is cleared and marked as being built; from then on
/// live submissions go in beside the builder's, and only afterwards the ledger's snapshot is taken. So a submission is
/// in the snapshot, or it reaches the board itself, or both, and its id, which both leave in the same place, makes it
/// count once. A wipe during the build takes the marker away, the next call notices, and the build begins anew; a builder
/// that lost its lock finds another's token in the marker and gives way.
/// </summary>
internal sealed class LeaderboardBuilder(
    IConnectionMultiplexer redis, string keyPrefix, LeaderboardOptions options, LeaderboardKeys keys, LeaderboardCalendar calendar,
    LeaderboardMarker marker, LeaderboardSubmitter submitter, ILeaderboardLedger? ledger, TimeProvider clock, ILogger logger)
{
    private const int Pipeline = 500;
    private static readonly TimeSpan LockTtl = TimeSpan.FromSeconds(15);

    private static readonly RedisScript Begin = RedisScript.Load<LeaderboardBuilder>("begin-build.lua");
    private static readonly RedisScript Finish = RedisScript.Load<LeaderboardBuilder>("finish-build.lua");

    private readonly IDatabase _database = redis.GetDatabase();
    private readonly SemaphoreSlim _oneHere = new(1);

    /// <summary>Returns when the board is built: by this process, by another, or since a moment ago.</summary>
    public Task EnsureBuiltAsync(CancellationToken ct) => BuildAsync(evenIfBuilt: false, ct);

    /// <summary>Builds the board, whatever it is now.</summary>
    public Task RebuildAsync(CancellationToken ct) => BuildAsync(evenIfBuilt: true, ct);

    private async Task BuildAsync(bool evenIfBuilt, CancellationToken ct)
    {
        await _oneHere.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            if (!evenIfBuilt && await IsBuiltAsync(ct).ConfigureAwait(false))
                return;

            // Leases run in real time, whatever the clock that names the days.
            var locks = new RedisLocks(redis, keyPrefix);
            await using (locks.ConfigureAwait(false))
            {
                while (!await BuildUnderLockAsync(locks, evenIfBuilt, ct).ConfigureAwait(false))
                    logger.BuildInterrupted(options.Name);
            }
        }
        finally
        {
            _oneHere.Release();
        }
    }

    private async Task<bool> BuildUnderLockAsync(RedisLocks locks, bool evenIfBuilt, CancellationToken ct)
    {
        var handle = await locks.AcquireAsync($"board-build:{options.Name}", LockTtl, Timeout.InfiniteTimeSpan, ct).ConfigureAwait(false);
        await using (handle.ConfigureAwait(false))
            return (!evenIfBuilt && await IsBuiltAsync(ct).ConfigureAwait(false)) || await TryBuildAsync(handle, ct).ConfigureAwait(false);
    }

    private async Task<bool> IsBuiltAsync(CancellationToken ct)
    {
        var state = await _database.StringGetAsync(keys.Marker).WaitAsync(ct).ConfigureAwait(false);
        marker.ThrowIfForeign(state, options.Name);
        return state == marker.Built;
    }

    private async Task<bool> TryBuildAsync(LockHandle handle, CancellationToken ct)
    {
        using var activity = LeaderboardTelemetry.Start("leaderboard rebuild", options.Name);
        var started = clock.GetTimestamp();
        var now = clock.GetUtcNow();
        RedisValue building = marker.Building(handle.FencingToken);
        RedisKey[] all =
        [
            keys.Marker, .. calendar.Existing(now).SelectMany(keys.Of), .. calendar.DaysSeen(now).Select(keys.Seen),
        ];
        if ((int)await Begin.EvaluateAsync(_database, all, [building, handle.FencingToken]).WaitAsync(ct).ConfigureAwait(false) == 0)
            return false;

        logger.BuildBegun(options.Name, handle.FencingToken);
        var count = ledger is null ? 0 : await FillAsync(ledger, now, building, handle, ct).ConfigureAwait(false);
        if (count is null || (int)await Finish.EvaluateAsync(_database, [keys.Marker], [building, marker.Built]).WaitAsync(ct).ConfigureAwait(false) == 0)
            return false;

        LeaderboardTelemetry.Rebuilt(options.Name, clock.GetElapsedTime(started));
        logger.Built(options.Name, count.Value, clock.GetElapsedTime(started));
        return true;
    }

    // How many the ledger had; null when the board or the lock went away meanwhile.
    private async Task<long?> FillAsync(ILeaderboardLedger source, DateTimeOffset now, RedisValue building, LockHandle handle, CancellationToken ct)
    {
        // A day more than any live submission looks back: what one process still takes by its clock, this one must have noted.
        var firstRemembered = calendar.FirstRemembered(now).AddDays(-1);
        var pending = new List<(LeaderboardSubmission Submission, Task<RedisResult> Reply)>(Pipeline);
        var count = 0L;
        await foreach (var submission in source.ReadAsync(options.Name, ct).WithCancellation(ct).ConfigureAwait(false))
        {
            if (handle.Lost.IsCancellationRequested)
                return null;
            if (LeaderboardSubmissions.Problem(submission, now) is { } problem)
            {
                logger.LedgerEntryLeftOut(options.Name, submission.SubmissionId, problem);
                continue;
            }

            count++;
            pending.Add((submission, submitter.FillAsync(_database, submission, now, firstRemembered, building)));
            if (pending.Count == Pipeline && !await SettleAsync(pending, ct).ConfigureAwait(false))
                return null;
        }

        return await SettleAsync(pending, ct).ConfigureAwait(false) ? count : null;
    }

    private async Task<bool> SettleAsync(List<(LeaderboardSubmission Submission, Task<RedisResult> Reply)> pending, CancellationToken ct)
    {
        await Task.WhenAll(pending.Select(static call => call.Reply)).WaitAsync(ct).ConfigureAwait(false);
        foreach (var (submission, call) in pending)
        {
            var reply = await call.ConfigureAwait(false);
            if (reply.Resp2Type != ResultType.Integer)
                return false;
            if ((int)reply == LeaderboardSubmissions.Overflow)
                logger.LedgerEntryLeftOut(options.Name, submission.SubmissionId, "the sum would not fit 64 bits");
        }

        pending.Clear();
        return true;
    }
}
