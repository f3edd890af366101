using System.Globalization;
using System.Security.Claims;
using Shop.Redis.Jobs;
using Shop.Redis.Streams;

namespace Shop.Web.Operations;

/// <summary>The few things that an operator may do, from the API and from the pages. Who did what is in the log.</summary>
public sealed partial class OperatorActions(StreamDeadLetters letters, JobQueues jobs, ILogger<OperatorActions> logger)
{
    /// <summary>Gives the event to the group that failed; the entry that it became, or null when there is no such dead letter.</summary>
    public async Task<string?> PutBackAsync(ClaimsPrincipal by, string stream, string id, CancellationToken cancellationToken)
    {
        if (!IsEntryId(id) || await letters.PutBackAsync(stream, id, cancellationToken) is not { } entry)
            return null;
        LogPutBack(logger, by.Identity?.Name, stream, id, entry);
        return entry;
    }

    /// <summary>Removes a dead letter for good; false when there is none.</summary>
    public async Task<bool> DropAsync(ClaimsPrincipal by, string stream, string id, CancellationToken cancellationToken)
    {
        if (!IsEntryId(id) || !await letters.DropAsync(stream, id, cancellationToken))
            return false;
        LogDropped(logger, by.Identity?.Name, stream, id);
        return true;
    }

    /// <summary>Queues a job again.</summary>
    public async Task<JobChange> RetryAsync(ClaimsPrincipal by, string queue, Guid job, CancellationToken cancellationToken)
    {
        var change = await jobs.RetryAsync(queue, job, cancellationToken);
        if (change is JobChange.Done)
            LogRetried(logger, by.Identity?.Name, job, queue);
        return change;
    }

    /// <summary>Cancels a job, with the reason if there is one.</summary>
    public async Task<JobChange> CancelAsync(ClaimsPrincipal by, string queue, Guid job, string? reason, CancellationToken cancellationToken)
    {
        var name = by.Identity?.Name;
        var change = await jobs.CancelAsync(queue, job, string.IsNullOrEmpty(reason) ? $"Cancelled by {name}." : $"{name}: {reason}", cancellationToken);
        if (change is JobChange.Done or JobChange.Requested)
            LogCancelled(logger, name, job, queue, reason);
        return change;
    }

    /// <summary>Whether Redis would take it for an entry's id: two numbers.</summary>
    internal static bool IsEntryId(string id) =>
        id.Split('-') is [var milliseconds, var sequence] && IsNumber(milliseconds) && IsNumber(sequence);

    private static bool IsNumber(string text) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    [LoggerMessage(1, LogLevel.Warning, "{Operator} put the dead letter {Id} of the stream {Stream} back, as entry {Entry}")]
    private static partial void LogPutBack(ILogger logger, string? @operator, string stream, string id, string entry);

    [LoggerMessage(2, LogLevel.Warning, "{Operator} dropped the dead letter {Id} of the stream {Stream}")]
    private static partial void LogDropped(ILogger logger, string? @operator, string stream, string id);

    [LoggerMessage(3, LogLevel.Warning, "{Operator} queued the job {Id} of the queue {Queue} again")]
    private static partial void LogRetried(ILogger logger, string? @operator, Guid id, string queue);

    [LoggerMessage(4, LogLevel.Warning, "{Operator} cancelled the job {Id} of the queue {Queue}: {Reason}")]
    private static partial void LogCancelled(ILogger logger, string? @operator, Guid id, string queue, string? reason);
}
