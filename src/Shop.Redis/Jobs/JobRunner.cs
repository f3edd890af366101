using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Shop.Redis.Jobs;

/// <summary>Brings one attempt to its handler, and decides what the answer means.</summary>
internal sealed class JobRunner(JobHandlers handlers, JobCommands commands, JobSettler settler, JobWorkerOptions options, TimeProvider clock, ILogger logger)
{
    /// <summary>Never throws for what the handler does.</summary>
    public async Task RunAsync(RunningJob job)
    {
        JobOutcome? outcome = null;
        Exception? error = null;
        var began = clock.GetTimestamp();
        using (var activity = JobTelemetry.StartProcess(job, options))
        {
            try
            {
                var context = new JobContext(job, options.Queue, commands, logger);
                outcome = await handlers.RunAsync(job.Record, context, job.Token).ConfigureAwait(false)
                    ?? throw new InvalidOperationException($"The handler of {job.Record.Type} answered null; it must answer with a JobOutcome, for example JobOutcome.Done().");
            }
            catch (Exception exception)
            {
                error = exception;
                activity?.SetStatus(ActivityStatusCode.Error, exception.Message)
                    .SetTag("error.type", exception.GetType().FullName)
                    .AddException(exception);
            }
        }

        JobTelemetry.Processed(job, options.Queue, clock.GetElapsedTime(began), error?.GetType().FullName);
        job.StopTheClock();
        job.End = outcome is null ? EndOf(job, error!) : EndOf(job, outcome);
        settler.Settle(job);
    }

    private JobEnd EndOf(RunningJob job, JobOutcome outcome) => outcome.Verb switch
    {
        JobVerb.Done => outcome.Result.IsEmpty ? JobEnd.Succeeded : new JobEnd(JobEndVerb.Succeed) { Result = outcome.Result },
        JobVerb.Snooze => new JobEnd(JobEndVerb.Snooze) { Wait = outcome.Wait!.Value },
        JobVerb.Cancel => new JobEnd(JobEndVerb.Cancel) { Reason = outcome.Reason! },
        _ => Failed(job, outcome.Reason!, error: null, outcome.Wait),
    };

    private JobEnd EndOf(RunningJob job, Exception error) => job.StopReason switch
    {
        JobStop.LeaseLost => JobEnd.Abandoned,
        JobStop.ShutDown => JobEnd.GivenBack,
        JobStop.Cancelled => new JobEnd(JobEndVerb.Cancel), // for the reason that stands in Redis
        JobStop.TimedOut => Failed(job, $"The attempt took longer than its time-out of {job.Record.Timeout}.", error),
        _ => Failed(job, error.ToString(), error),
    };

    private JobEnd Failed(RunningJob job, string reason, Exception? error, TimeSpan? wait = null)
    {
        var record = job.Record;
        var pause = wait ?? handlers.BackoffOf(record.Type).After(record.Attempt, Random.Shared.NextDouble());
        if (record.Attempt < record.MaxAttempts)
            logger.AttemptFailed(error, options.Queue, record.Type, job.Id.ToString(), record.Attempt, record.MaxAttempts, pause);
        else
            logger.JobDied(error, options.Queue, record.Type, job.Id.ToString(), record.Attempt, error?.Message ?? reason);
        return new JobEnd(JobEndVerb.Fail) { Reason = reason, Wait = pause };
    }
}
