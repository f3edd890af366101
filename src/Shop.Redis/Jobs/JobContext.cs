using System.Buffers.Text;
using Microsoft.Extensions.Logging;

namespace Shop.Redis.Jobs;

/// <summary>One attempt at a job, as its handler sees it.</summary>
public sealed class JobContext
{
    private readonly RunningJob _job;
    private readonly JobCommands _commands;
    private readonly ILogger _logger;

    internal JobContext(RunningJob job, string queue, JobCommands commands, ILogger logger) => (_job, Queue, _commands, _logger) = (job, queue, commands, logger);

    /// <summary>The job's id; the same for every attempt. Through the outbox: the event id.</summary>
    public Guid Id => Utf8Parser.TryParse(((ReadOnlyMemory<byte>)_job.Id).Span, out Guid id, out _) ? id : throw new FormatException($"'{_job.Id}' is no job id.");

    /// <summary>The queue.</summary>
    public string Queue { get; }

    /// <summary>The kind of job.</summary>
    public string Type => _job.Record.Type;

    /// <summary>1 for the first. Counted in Redis before the handler runs, so that a job which kills its worker runs out of attempts too.</summary>
    public int Attempt => _job.Record.Attempt;

    /// <summary>After this attempt fails the job is dead.</summary>
    public int MaxAttempts => _job.Record.MaxAttempts;

    /// <summary>When it was enqueued, by Redis's clock.</summary>
    public DateTimeOffset EnqueuedAt => _job.Record.EnqueuedAt;

    /// <summary>The tick of the cron schedule that this job is for; null for other jobs. The same when it is tried again later.</summary>
    public DateTimeOffset? Tick => _job.Record.Tick;

    /// <summary>Why the token was cancelled; <see cref="JobStop.None"/> while it is not.</summary>
    public JobStop StopReason => _job.StopReason;

    /// <summary>Says how far the attempt has come, for whoever looks at the job. One round trip; call it a few times a second at most.</summary>
    /// <param name="percent">0 to 100.</param>
    /// <param name="message">What is being done, or null.</param>
    /// <exception cref="OperationCanceledException">The job is no longer this worker's: the progress was refused, and the attempt's token is cancelled.</exception>
    /// <exception cref="StackExchange.Redis.RedisException">Redis is away.</exception>
    public async Task ReportProgressAsync(double percent, string? message = null)
    {
        if (percent is not (>= 0 and <= 100))
            throw new ArgumentOutOfRangeException(nameof(percent), percent, "Progress is 0 to 100 percent.");
        _job.HasReported = true;
        if (await _commands.ReportAsync(_job, percent, message).ConfigureAwait(false))
            return;
        _job.Stop(JobStop.LeaseLost, _logger);
        throw new OperationCanceledException($"The job {Type} {Id} is no longer this worker's: its progress was refused.", _job.Token);
    }
}
