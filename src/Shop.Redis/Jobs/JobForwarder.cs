namespace Shop.Redis.Jobs;

/// <summary>Queues scheduled jobs when their time has come, by Redis's clock. Every worker has one; whichever comes first does it.</summary>
internal sealed class JobForwarder(JobCommands commands, JobWorkerOptions options)
{
    private const int LargestBatch = 200;

    /// <summary>Forwards once; answers when to come again.</summary>
    public async Task<TimeSpan> RunOnceAsync()
    {
        var (forwarded, next) = await commands.ForwardAsync(LargestBatch).ConfigureAwait(false);
        if (forwarded == LargestBatch)
            return TimeSpan.Zero;
        return next < options.PollInterval ? next.Value : options.PollInterval;
    }
}
