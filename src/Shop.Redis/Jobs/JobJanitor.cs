using StackExchange.Redis;

namespace Shop.Redis.Jobs;

/// <summary>Forgets jobs that are kept no longer, and workers that are gone; measures the queue, and keeps its name in the list of queues.</summary>
internal sealed class JobJanitor(IDatabase database, string keyPrefix, JobCommands commands, JobInspector inspector, JobWorkerOptions options)
{
    private const int LargestBatch = 500;
    private static readonly TimeSpan WorkerExpiry = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan QueueExpiry = TimeSpan.FromDays(30);
    private static readonly RedisScript NoteQueue = RedisScript.Load<JobJanitor>("note-queue.lua");

    private readonly RedisKey[] _queues = [JobKeys.Queues(keyPrefix)];

    /// <summary>Tidies once; answers when to come again.</summary>
    public async Task<TimeSpan> RunOnceAsync()
    {
        await NoteQueue.EvaluateAsync(database, _queues, [options.Queue, JobRecord.Milliseconds(QueueExpiry)]).ConfigureAwait(false);
        JobTelemetry.Report(await inspector.InspectAsync(options.Queue).ConfigureAwait(false));
        var forgotten = await commands.TidyAsync(LargestBatch, WorkerExpiry).ConfigureAwait(false);
        return forgotten == LargestBatch ? TimeSpan.Zero : options.JanitorInterval;
    }
}
