namespace Shop.Redis.Jobs;

/// <summary>
/// Does the work of one kind of job. A job may run more than once (its worker was killed after the work and before its completion
/// was recorded; a wipe, and the outbox brought it back): effects must be idempotent, for example by <see cref="JobContext.Id"/>.
/// </summary>
public interface IJobHandler<in TArguments>
{
    /// <summary>Runs one attempt. Throwing means: failed, try again after the kind's back-off.</summary>
    /// <param name="arguments">What the enqueuer said.</param>
    /// <param name="job">Which job and attempt this is; takes its progress.</param>
    /// <param name="cancellationToken">Cancelled when the attempt is to end: <see cref="JobContext.StopReason"/> says why. Throw <see cref="OperationCanceledException"/> then.</param>
    ValueTask<JobOutcome> HandleAsync(TArguments arguments, JobContext job, CancellationToken cancellationToken);
}

/// <summary>A handler as a delegate; see <see cref="IJobHandler{TArguments}.HandleAsync"/>.</summary>
public delegate ValueTask<JobOutcome> JobHandler<in TArguments>(TArguments arguments, JobContext job, CancellationToken cancellationToken);
