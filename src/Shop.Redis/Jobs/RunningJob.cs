using Microsoft.Extensions.Logging;
using Shop.Redis.Streams;
using StackExchange.Redis;

namespace Shop.Redis.Jobs;

/// <summary>An attempt that this worker was given, from its delivery until its end is recorded.</summary>
internal sealed class RunningJob
{
    private readonly CancellationTokenSource _stop;
    private int _reason;

    public RunningJob(int stream, RedisValue entry, RedisValue id, JobRecord record, TimeProvider clock)
    {
        (Stream, Entry, Id, Record) = (stream, entry, id, record);
        EntryId = EntryId.Parse(entry.ToString());
        _stop = new CancellationTokenSource(record.Timeout, clock);
        Token = _stop.Token;
    }

    public int Stream { get; }

    public RedisValue Entry { get; }

    public EntryId EntryId { get; }

    public RedisValue Id { get; }

    public JobRecord Record { get; }

    /// <summary>The attempt's entry, which is what fences it: a job that is taken over moves to another.</summary>
    public RedisValue Place => Record.Place;

    public CancellationToken Token { get; }

    /// <summary>When it was fetched, on this process's clock.</summary>
    public long Began { get; init; }

    /// <summary>When its wait for a worker ended, by Redis's clock.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>From when its lease counts, on this process's clock: before the request that gave or renewed it was sent.</summary>
    public long LeasedFrom { get; set; }

    /// <summary>Whether Redis was told when it began.</summary>
    public bool IsNoted { get; set; }

    /// <summary>Whether somebody may be watching it.</summary>
    public bool HasReported { get; set; }

    /// <summary>How it ended; null while it runs.</summary>
    public JobEnd? End { get; set; }

    public JobStop StopReason => (JobStop)Volatile.Read(ref _reason) is var reason && reason == JobStop.None && Token.IsCancellationRequested ? JobStop.TimedOut : reason;

    /// <summary>Cancels the attempt's token; the first reason counts.</summary>
    public bool Stop(JobStop reason, ILogger logger)
    {
        if (Token.IsCancellationRequested || Interlocked.CompareExchange(ref _reason, (int)reason, (int)JobStop.None) != (int)JobStop.None)
            return false;
        try
        {
            _stop.Cancel();
        }
        catch (AggregateException exception)
        {
            logger.StopCallbackFailed(Record.Type, Id.ToString(), exception);
        }

        return true;
    }

    /// <summary>The time-out no longer matters. (Not disposed: somebody may be cancelling it at this moment.)</summary>
    public void StopTheClock() => _stop.CancelAfter(Timeout.InfiniteTimeSpan);
}

/// <summary>How an attempt ended.</summary>
/// <param name="Verb">What is to be recorded.</param>
internal sealed record JobEnd(JobEndVerb Verb)
{
    public static readonly JobEnd Succeeded = new(JobEndVerb.Succeed);
    public static readonly JobEnd GivenBack = new(JobEndVerb.GiveBack);
    public static readonly JobEnd Abandoned = new(JobEndVerb.Abandon);

    /// <summary>Before the next attempt.</summary>
    public TimeSpan Wait { get; init; }

    /// <summary>Why it failed or is cancelled.</summary>
    public string Reason { get; init; } = "";

    /// <summary>What it left, as JSON.</summary>
    public ReadOnlyMemory<byte> Result { get; init; }
}

internal enum JobEndVerb
{
    Succeed,
    Snooze,
    Fail,
    Cancel,
    GiveBack,

    /// <summary>Nothing is recorded: the job is another's, or will be.</summary>
    Abandon,
}
