using System.Diagnostics;
using Shop.Redis.Jobs;

namespace Shop.Messaging.Jobs;

/// <summary>
/// Makes a background job part of a database transaction: it is enqueued if and only if the transaction commits, and comes back when
/// Redis is wiped. The job travels as an event of the outbox, on the stream <c>jobs:queue</c>, and a job intake
/// (<see cref="JobIntakeServices"/>) hands it to the queue under the event id. A job that is still known by its id is not enqueued
/// again, so that a repeated event changes nothing; after a wipe nothing is known, and the jobs of the outbox's retention all run
/// again, those that had succeeded too. Handlers are idempotent, for example by recording <see cref="JobContext.Id"/> in the <see cref="Inbox"/>.
/// </summary>
public static class OutboxJobs
{
    /// <summary>Adds a job, which is written with the commit.</summary>
    /// <param name="transaction">The transaction that makes the job necessary.</param>
    /// <param name="type">The kind of job.</param>
    /// <param name="arguments">What its handler is told; serialised at once.</param>
    /// <param name="options">What differs from the kind's defaults. A delay counts from now, by this machine's clock.</param>
    /// <param name="key">Jobs of one key enter the queue in the order of their commits (the key's row must have been locked by this transaction, as for events). The job's own id when null: no order.</param>
    /// <param name="traceParent">The W3C traceparent of the request that caused the job; the current activity's when null.</param>
    /// <returns>The job's id, which is the event's.</returns>
    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    public static Guid EnqueueJob<TArguments>(this OutboxTransaction transaction, JobType<TArguments> type, TArguments arguments, JobOptions? options = null, string? key = null, string? traceParent = null)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(type);
        var now = transaction.Clock.GetUtcNow();
        var request = type.Request(arguments, options);
        request.Validate();
        traceParent ??= Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.Id : null;
        transaction.Add(OutboxJob.Stream(type.Queue), OutboxJob.Encode(request, key ?? request.Id.ToString(), now, traceParent));
        return request.Id;
    }
}
