using Microsoft.Extensions.Logging;

namespace Shop.Redis.Jobs;

/// <summary>
/// Ends attempts whose worker showed no life for a whole lease: they have failed, and their jobs are tried again after the back-off, or
/// are dead after the last. So a job that kills its worker runs out of attempts, and does not kill the next one at once. Every worker
/// has a recoverer; the fence lets one of them win.
/// </summary>
internal sealed class JobRecoverer(JobCommands commands, JobHandlers handlers, JobWorkerOptions options, ILogger logger)
{
    private const int LargestBatch = 100;

    /// <summary>Recovers once; answers when to come again.</summary>
    public async Task<TimeSpan> RunOnceAsync()
    {
        var abandoned = await commands.PendingAsync(options.Lease, LargestBatch, onlyOwn: false).ConfigureAwait(false);
        foreach (var attempt in abandoned)
            await RecoverAsync(attempt, attempt.Record).ConfigureAwait(false);
        return abandoned.Length >= LargestBatch ? TimeSpan.Zero : options.RenewInterval;
    }

    private async Task RecoverAsync(PendingAttempt attempt, JobRecord record)
    {
        var reason = $"Worker {attempt.Worker} showed no life for {options.Lease}: it was killed or paused, or the job killed it.";
        var state = await commands.FailAsync(new FailedAttempt(attempt.Id, attempt.Place, record.Attempt + 1)
        {
            Wait = record.Attempt < record.MaxAttempts ? handlers.BackoffOf(record.Type).After(record.Attempt, Random.Shared.NextDouble()) : null,
            Error = JobFailure.Encode(record.Attempt, attempt.StartedAt, attempt.Worker, reason),
            IdleFor = options.Lease,
        }).ConfigureAwait(false);
        if (state is null)
            return;

        JobTelemetry.Recovered.Add(1, JobTelemetry.Queue(options.Queue));
        JobTelemetry.AttemptEnded(options.Queue, state switch { 'd' => "dead", 'c' => "cancelled", _ => "failed" });
        logger.Recovered(options.Queue, attempt.Worker, options.Lease, record.Type, attempt.Id.ToString(), record.Attempt);
        if (state == 'd')
            logger.JobDied(exception: null, options.Queue, record.Type, attempt.Id.ToString(), record.Attempt, reason);
    }
}
