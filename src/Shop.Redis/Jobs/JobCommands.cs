using System.Runtime.InteropServices;
using Shop.Redis.Streams;
using StackExchange.Redis;

namespace Shop.Redis.Jobs;

/// <summary>Everything that one worker asks of Redis, one script and one round trip each.</summary>
internal sealed class JobCommands(IDatabase database, JobKeys keys, JobWorkerOptions options, TimeProvider clock)
{
    private static readonly RedisScript FetchScript = RedisScript.Load<JobCommands>("fetch.lua");
    private static readonly RedisScript CompleteScript = RedisScript.Load<JobCommands>("complete.lua");
    private static readonly RedisScript SucceedScript = RedisScript.Load<JobCommands>("job.lua", "succeed.lua");
    private static readonly RedisScript FailScript = RedisScript.Load<JobCommands>("job.lua", "fail.lua");
    private static readonly RedisScript GiveBackScript = RedisScript.Load<JobCommands>("job.lua", "give-back.lua");
    private static readonly RedisScript RenewScript = RedisScript.Load<JobCommands>("renew.lua");
    private static readonly RedisScript PendingScript = RedisScript.Load<JobCommands>("pending.lua");
    private static readonly RedisScript ForwardScript = RedisScript.Load<JobCommands>("job.lua", "forward.lua");
    private static readonly RedisScript ReportScript = RedisScript.Load<JobCommands>("job.lua", "report.lua");
    private static readonly RedisScript TidyScript = RedisScript.Load<JobCommands>("job.lua", "tidy.lua");

    private readonly RedisValue _worker = options.Worker;
    private readonly RedisValue _wake = keys.Wake.ToString();
    private readonly RedisValue _wakeIfLimited = options.QueueConcurrency is null ? RedisValue.EmptyString : keys.Wake.ToString();
    private readonly RedisValue _due = keys.Due.ToString();
    private readonly RedisValue _keepCancelled = JobRecord.Milliseconds(options.KeepCancelled);
    private readonly RedisValue _keepDead = JobRecord.Milliseconds(options.KeepDead);

    /// <summary>As many jobs as there is room for and the limits allow. Never blocks: the connection is shared.</summary>
    public async Task<Fetched> FetchAsync(int room, bool lowestFirst)
    {
        var sent = clock.GetTimestamp();
        var (share, burst) = options.QueueRate is { } rate ? (rate.Per.TotalMicroseconds / rate.Jobs, rate.BurstOrDefault) : (0, 0);
        var reply = (RedisResult[])(await FetchScript.EvaluateAsync(
            database, keys.Fetch, [_worker, room, lowestFirst ? 1 : 0, options.QueueConcurrency ?? 0, share, burst]).ConfigureAwait(false))!;
        var now = DateTimeOffset.FromUnixTimeMilliseconds((long)reply[2]);
        var given = (RedisValue[])reply[3]!;
        var jobs = new RunningJob[given.Length / 4];
        for (var i = 0; i < jobs.Length; i++)
        {
            var at = i * 4;
            jobs[i] = new RunningJob((int)given[at], given[at + 1], given[at + 2], JobRecord.Decode((ReadOnlyMemory<byte>)given[at + 3]), clock) { Began = sent, StartedAt = now, LeasedFrom = sent };
        }

        return new Fetched(jobs, (long)reply[1] is >= 0 and var wait ? TimeSpan.FromMilliseconds(wait) : null, (int)reply[0] == 1);
    }

    /// <summary>Completes jobs that leave nothing behind; answers the places that were refused.</summary>
    public async Task<RedisValue[]> CompleteAsync(List<RunningJob> jobs)
    {
        // Two values a job; for each stream their number and the highest entry; and the channel.
        var arguments = new RedisValue[1 + 2 * 4 + 2 * jobs.Count];
        var at = 0;
        arguments[at++] = _wakeIfLimited;
        for (var stream = 0; stream < 4; stream++)
        {
            var (head, count, highest) = (at, 0, default(EntryId));
            foreach (var job in jobs)
            {
                if (job.Stream != stream)
                    continue;
                arguments[head + 2 + count++] = job.Entry;
                if (job.EntryId.CompareTo(highest) > 0)
                    highest = job.EntryId;
            }

            arguments[head] = count;
            arguments[head + 1] = count == 0 ? "0-0" : highest.ToString();
            at = head + 2 + count;
            foreach (var job in jobs)
            {
                if (job.Stream == stream)
                    arguments[at++] = job.Id;
            }
        }

        return (RedisValue[])(await CompleteScript.EvaluateAsync(database, keys.Complete, arguments).ConfigureAwait(false))!;
    }

    /// <summary>Completes a job that leaves something; false when that is refused.</summary>
    public async Task<bool> SucceedAsync(RunningJob job, TimeSpan keep, ReadOnlyMemory<byte> result) =>
        (int)await SucceedScript.EvaluateAsync(database, keys.All,
        [
            job.Id, job.Place, JobRecord.Milliseconds(keep), result, JobRecord.Milliseconds(job.Record.UniqueFor), _wakeIfLimited, Watch(job.Id),
        ]).ConfigureAwait(false) == 1;

    /// <summary>Ends an attempt without success; answers the job's new state, or null when that is refused.</summary>
    public async Task<char?> FailAsync(FailedAttempt failed) =>
        (string)(await FailScript.EvaluateAsync(database, keys.All,
        [
            failed.Id, failed.Place, failed.Wait is { } wait ? JobRecord.Milliseconds(wait) : -1, failed.NextAttempt, failed.Error, _keepDead, _keepCancelled, failed.CancelReason,
            failed.IdleFor is { } idle ? JobRecord.Milliseconds(idle) : RedisValue.EmptyString, _wakeIfLimited, _due, Watch(failed.Id),
        ]).ConfigureAwait(false))! is [var state, ..] ? state : null;

    /// <summary>Gives an attempt back as if it had never been; false when that is refused.</summary>
    public async Task<bool> GiveBackAsync(RedisValue id, RedisValue place) =>
        (int)await GiveBackScript.EvaluateAsync(database, keys.All, [id, place, _keepCancelled, _wake, Watch(id)]).ConfigureAwait(false) == 1;

    /// <summary>Keeps attempts from looking abandoned; answers the places that are no longer this worker's, and the ids of jobs to be cancelled.</summary>
    public async Task<(HashSet<RedisValue> Lost, HashSet<RedisValue> Cancelled)> RenewAsync(RunningJob[] jobs)
    {
        var arguments = new RedisValue[1 + 4 * jobs.Length];
        arguments[0] = _worker;
        for (var i = 0; i < jobs.Length; i++)
        {
            var job = jobs[i];
            arguments[4 * i + 1] = job.Stream;
            arguments[4 * i + 2] = job.Entry;
            arguments[4 * i + 3] = job.Id;
            arguments[4 * i + 4] = job.IsNoted ? RedisValue.EmptyString : JobRecord.Milliseconds(clock.GetElapsedTime(job.Began));
        }

        var reply = (RedisResult[])(await RenewScript.EvaluateAsync(database, keys.Renew, arguments).ConfigureAwait(false))!;
        return ([.. (RedisValue[])reply[0]!], [.. (RedisValue[])reply[1]!]);
    }

    /// <summary>Attempts that showed no life for so long: of this worker, or of all.</summary>
    public async Task<PendingAttempt[]> PendingAsync(TimeSpan idle, int limit, bool onlyOwn)
    {
        var reply = (RedisValue[])(await PendingScript.EvaluateAsync(
            database, keys.Pending, [JobRecord.Milliseconds(idle), limit, onlyOwn ? _worker : RedisValue.EmptyString]).ConfigureAwait(false))!;
        var found = new PendingAttempt[reply.Length / 5];
        for (var i = 0; i < found.Length; i++)
        {
            var at = i * 5;
            found[i] = new PendingAttempt(reply[at]!, reply[at + 1]!, reply[at + 2], JobRecord.Decode((ReadOnlyMemory<byte>)reply[at + 3]), DateTimeOffset.FromUnixTimeMilliseconds((long)reply[at + 4]));
        }

        return found;
    }

    /// <summary>Queues what is due; answers how many, and when to come again.</summary>
    public async Task<(int Forwarded, TimeSpan? Next)> ForwardAsync(int limit)
    {
        var reply = (RedisValue[])(await ForwardScript.EvaluateAsync(database, keys.All, [limit, _wake]).ConfigureAwait(false))!;
        return ((int)reply[0], (long)reply[1] is >= 0 and var next ? TimeSpan.FromMilliseconds(next) : null);
    }

    /// <summary>Notes progress; false when that is refused.</summary>
    public async Task<bool> ReportAsync(RunningJob job, double percent, string? message) =>
        (int)await ReportScript.EvaluateAsync(database, keys.All, [job.Id, job.Place, percent, message ?? "", Watch(job.Id)]).ConfigureAwait(false) == 1;

    /// <summary>Forgets what is kept no longer, and workers that are gone; answers how many jobs it forgot.</summary>
    public async Task<int> TidyAsync(int limit, TimeSpan workerExpiry) =>
        (int)await TidyScript.EvaluateAsync(database, keys.All, [limit, JobRecord.Milliseconds(workerExpiry)]).ConfigureAwait(false);

    /// <summary>This worker works no longer.</summary>
    public Task LeaveAsync() => database.SortedSetRemoveAsync(keys.All[17], _worker);

    private RedisValue Watch(RedisValue id) => keys.Watch(id.ToString()).ToString();
}

/// <summary>What a fetch brought.</summary>
/// <param name="Jobs">The jobs.</param>
/// <param name="RateWait">When the queue's rate allows another; null when it does now.</param>
/// <param name="GroupWasMissing">The queue is new, or was wiped.</param>
internal sealed record Fetched(RunningJob[] Jobs, TimeSpan? RateWait, bool GroupWasMissing);

/// <summary>An attempt to be ended without success.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FailedAttempt(RedisValue Id, RedisValue Place, int NextAttempt)
{
    /// <summary>Before the next attempt; null when there is none.</summary>
    public TimeSpan? Wait { get; init; }

    /// <summary>What failed, for the history; empty when nothing did.</summary>
    public RedisValue Error { get; init; } = RedisValue.EmptyString;

    /// <summary>Why it is cancelled; empty when it is not.</summary>
    public RedisValue CancelReason { get; init; } = RedisValue.EmptyString;

    /// <summary>Only if it showed no life for so long.</summary>
    public TimeSpan? IdleFor { get; init; }
}

/// <summary>An attempt that some worker was given.</summary>
internal sealed record PendingAttempt(string Place, string Worker, RedisValue Id, JobRecord Record, DateTimeOffset StartedAt);
