using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Shop.Redis.Jobs;

/// <summary>
/// Records how attempts ended, in batches: whatever ends while one call is under way goes out with the next, so that a busy worker
/// pays one round trip for hundreds and an idle one waits for nobody. A call that fails is made again until Redis is back: the
/// second finds that the first was carried out, because an attempt can end only once. If the process dies first, the jobs are
/// recovered and run again, as at-least-once allows.
/// </summary>
internal sealed class JobSettler(JobCommands commands, JobLeases leases, JobWorkerOptions options, JobOutage outage, ILogger logger)
{
    private const int LargestBatch = 500;

    private readonly Channel<RunningJob> _ended = Channel.CreateUnbounded<RunningJob>(new UnboundedChannelOptions { SingleReader = true });

    public void Settle(RunningJob job) => _ended.Writer.TryWrite(job);

    /// <summary>Takes no more; <see cref="RunAsync"/> records what is left and ends.</summary>
    public void Complete() => _ended.Writer.TryComplete();

    /// <param name="abandon">Gives up on Redis, at the end of a shutdown.</param>
    public async Task RunAsync(CancellationToken abandon)
    {
        while (await _ended.Reader.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
        {
            List<RunningJob> plain = [];
            List<Task> calls = [];
            for (var i = 0; i < LargestBatch && _ended.Reader.TryRead(out var job); i++)
            {
                if (LeavesNothing(job))
                    plain.Add(job);
                else
                    calls.Add(SettleAsync(job, abandon));
            }

            if (plain.Count > 0)
                calls.Add(CompleteAsync(plain, abandon));
            await Task.WhenAll(calls).ConfigureAwait(false);
        }
    }

    private static bool LeavesNothing(RunningJob job) =>
        job is { End: { Verb: JobEndVerb.Succeed, Result.IsEmpty: true }, HasReported: false, Record: { UniqueKey: null, KeepSucceeded.Ticks: 0 } };

    private async Task CompleteAsync(List<RunningJob> jobs, CancellationToken abandon)
    {
        var (answered, refused, again) = await CallAsync(() => commands.CompleteAsync(jobs), abandon).ConfigureAwait(false);
        leases.Remove(jobs);
        if (!answered)
            return;
        if (refused!.Length > 0 && !again)
        {
            foreach (var job in jobs.Where(job => refused.Contains(job.Place)))
                Refused(job);
        }

        JobTelemetry.AttemptEnded(options.Queue, "succeeded", jobs.Count - refused.Length);
    }

    private async Task SettleAsync(RunningJob job, CancellationToken abandon)
    {
        if (job.End!.Verb == JobEndVerb.Abandon)
        {
            leases.Abandon(job);
            return;
        }

        var (answered, end, again) = await CallAsync(() => RecordAsync(job, job.End), abandon).ConfigureAwait(false);
        if (end is not null)
            JobTelemetry.AttemptEnded(options.Queue, end);
        else if (answered && !again)
            Refused(job);
        leases.Remove([job]);
    }

    /// <summary>What was recorded, in the words of the metric; null when it was refused.</summary>
    private async Task<string?> RecordAsync(RunningJob job, JobEnd end)
    {
        switch (end.Verb)
        {
            case JobEndVerb.Succeed:
                var keep = end.Result.IsEmpty || job.Record.KeepSucceeded > options.ResultExpiry ? job.Record.KeepSucceeded : options.ResultExpiry;
                return await commands.SucceedAsync(job, keep, end.Result).ConfigureAwait(false) ? "succeeded" : null;
            case JobEndVerb.GiveBack:
                return await commands.GiveBackAsync(job.Id, job.Place).ConfigureAwait(false) ? "given_back" : null;
        }

        var failed = end.Verb switch
        {
            JobEndVerb.Snooze => new FailedAttempt(job.Id, job.Place, job.Record.Attempt) { Wait = end.Wait },
            JobEndVerb.Cancel => new FailedAttempt(job.Id, job.Place, job.Record.Attempt) { Wait = TimeSpan.Zero, CancelReason = end.Reason },
            _ => new FailedAttempt(job.Id, job.Place, job.Record.Attempt + 1)
            {
                Wait = job.Record.Attempt < job.Record.MaxAttempts ? end.Wait : null,
                Error = JobFailure.Encode(job.Record.Attempt, job.StartedAt, options.Worker, end.Reason),
            },
        };
        switch (await commands.FailAsync(failed).ConfigureAwait(false))
        {
            case 'c':
                logger.JobCancelled(options.Queue, job.Record.Type, job.Id.ToString(), end.Reason);
                return "cancelled";
            case 'd':
                return "dead";
            case 's':
                return end.Verb == JobEndVerb.Snooze ? "snoozed" : "failed";
            default:
                return null;
        }
    }

    /// <summary>Calls until there is an answer, or nobody wants it any more. Again: the first call's answer was lost, and it may have been carried out.</summary>
    private async Task<(bool Answered, T? Answer, bool Again)> CallAsync<T>(Func<Task<T>> call, CancellationToken abandon)
    {
        var again = false;
        while (!abandon.IsCancellationRequested)
        {
            try
            {
                var answer = await call().WaitAsync(abandon).ConfigureAwait(false);
                outage.Worked();
                return (true, answer, again);
            }
            catch (OperationCanceledException) when (abandon.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception) when (JobOutage.IsAway(exception))
            {
                again = true;
                await outage.FailedAsync(exception, abandon).ConfigureAwait(false);
            }
        }

        return (false, default, again);
    }

    private void Refused(RunningJob job)
    {
        JobTelemetry.Refused.Add(1, JobTelemetry.Queue(options.Queue));
        logger.EndRefused(options.Queue, job.Record.Type, job.Id.ToString(), job.Record.Attempt);
    }
}
