using Microsoft.Extensions.Logging;

namespace Shop.Redis.Jobs;

/// <summary>What somebody on call wants to know about jobs.</summary>
internal static partial class JobLog
{
    [LoggerMessage(1, LogLevel.Information, "Worker {Worker} works on the job queue {Queue}, {Concurrency} at once")]
    public static partial void Started(this ILogger logger, string queue, string worker, int concurrency);

    [LoggerMessage(2, LogLevel.Warning, "Redis is away; the workers of the job queue {Queue} wait for it: {Error}")]
    public static partial void RedisAway(this ILogger logger, string queue, string error);

    [LoggerMessage(3, LogLevel.Information, "Redis is back; the job queue {Queue} goes on")]
    public static partial void RedisBack(this ILogger logger, string queue);

    [LoggerMessage(4, LogLevel.Warning, "The job queue {Queue} was lost (Redis was wiped or replaced); jobs that were enqueued through an outbox come back by themselves")]
    public static partial void QueueLost(this ILogger logger, string queue);

    [LoggerMessage(5, LogLevel.Warning, "Attempt {Attempt} of {MaxAttempts} at job {Type} {Id} of the queue {Queue} failed; the next is in {Wait}")]
    public static partial void AttemptFailed(this ILogger logger, Exception? exception, string queue, string type, string id, int attempt, int maxAttempts, TimeSpan wait);

    [LoggerMessage(6, LogLevel.Error, "Job {Type} {Id} of the queue {Queue} is dead after {Attempt} attempts: {Reason}")]
    public static partial void JobDied(this ILogger logger, Exception? exception, string queue, string type, string id, int attempt, string reason);

    [LoggerMessage(7, LogLevel.Warning, "Attempt {Attempt} at job {Type} {Id} of the queue {Queue} is no longer this worker's: it was paused, Redis was away or wiped, and another may run the job")]
    public static partial void LeaseLost(this ILogger logger, string queue, string type, string id, int attempt);

    [LoggerMessage(8, LogLevel.Warning, "The end of attempt {Attempt} at job {Type} {Id} of the queue {Queue} was refused: the job is no longer this worker's")]
    public static partial void EndRefused(this ILogger logger, string queue, string type, string id, int attempt);

    [LoggerMessage(9, LogLevel.Warning, "Worker {Worker} of the queue {Queue} showed no life for {Lease}: attempt {Attempt} at its job {Type} {Id} has failed")]
    public static partial void Recovered(this ILogger logger, string queue, string worker, TimeSpan lease, string type, string id, int attempt);

    [LoggerMessage(10, LogLevel.Information, "Job {Type} {Id} of the queue {Queue} is cancelled: {Reason}")]
    public static partial void JobCancelled(this ILogger logger, string queue, string type, string id, string reason);

    [LoggerMessage(11, LogLevel.Warning, "Jobs of the queue {Queue} still run {DrainTimeout} after the shutdown began; they are cancelled and given back")]
    public static partial void DrainTimedOut(this ILogger logger, string queue, TimeSpan drainTimeout);

    [LoggerMessage(12, LogLevel.Error, "Handlers of the queue {Queue} ignore their cancellation; their jobs count as failed after {Lease}")]
    public static partial void HandlersAbandoned(this ILogger logger, string queue, TimeSpan lease);

    [LoggerMessage(13, LogLevel.Error, "A callback on the token of job {Type} {Id} failed")]
    public static partial void StopCallbackFailed(this ILogger logger, string type, string id, Exception exception);

    [LoggerMessage(14, LogLevel.Information, "{Jobs} jobs of the queue {Queue} were given back: a fetch's answer had been lost")]
    public static partial void GaveBackUnseen(this ILogger logger, string queue, int jobs);

    [LoggerMessage(15, LogLevel.Debug, "Schedule {Schedule} of the queue {Queue}: the job for {Tick:O} is enqueued")]
    public static partial void Ticked(this ILogger logger, string queue, string schedule, DateTimeOffset tick);

    [LoggerMessage(16, LogLevel.Warning, "Schedule {Schedule} of the queue {Queue}: {Ticks} ticks up to {Last:O} had no worker and are passed over")]
    public static partial void TicksPassedOver(this ILogger logger, string queue, string schedule, int ticks, DateTimeOffset last);

    [LoggerMessage(17, LogLevel.Error, "Schedule {Schedule} of the queue {Queue} could not make its job for {Tick:O}; it is tried again")]
    public static partial void ScheduleFailed(this ILogger logger, string queue, string schedule, DateTimeOffset tick, Exception exception);
}
