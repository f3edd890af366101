// A worker to be killed and paused by tests: Shop.SampleWorker <redis> <key prefix> <worker's name>
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Shop.Redis.Jobs;
using Shop.SampleWorker;
using StackExchange.Redis;

await using var redis = await ConnectionMultiplexer.ConnectAsync(args[0]);
var database = redis.GetDatabase();
var handlers = new JobHandlers().Handle(SampleJobs.Type, async (deed, job, cancellation) =>
{
    switch (deed.What)
    {
        case "count":
            await database.StringIncrementAsync(deed.Key);
            break;
        case "kill":
            await database.ListRightPushAsync(deed.Key, $"{job.Attempt} {args[2]}");
            Process.GetCurrentProcess().Kill();
            break;
        case "hang":
            await HangAsync(deed.Key, job, cancellation);
            break;
    }

    return JobOutcome.Done();
});

var options = new JobWorkerOptions { Queue = SampleJobs.Type.Queue, Worker = args[2], Concurrency = 4, Lease = SampleJobs.Lease };
await new JobWorker(redis, args[1], options, handlers).RunAsync(CancellationToken.None);

// Until it is told to stop, and then claims to be done; the log has what became of that.
async Task HangAsync(string log, JobContext job, CancellationToken cancellation)
{
    var stopped = new TaskCompletionSource();
    await using (cancellation.Register(stopped.SetResult))
        await stopped.Task;
    await database.ListRightPushAsync(log, $"stopped: {job.StopReason}");
    try
    {
        await job.ReportProgressAsync(100);
    }
    catch (OperationCanceledException)
    {
        await database.ListRightPushAsync(log, "progress refused");
    }

    var refusals = new MeterListener { InstrumentPublished = static (instrument, listener) => { if (instrument.Name == "shop.jobs.refused") listener.EnableMeasurementEvents(instrument); } };
    refusals.SetMeasurementEventCallback<long>((_, _, _, _) => database.StringSet(log + ":refused", "1"));
    refusals.Start();
    await database.ListRightPushAsync(log, "done");
}
