using Hangfire;
using Hangfire.Redis.StackExchange;
using Shop.Benchmarks.Harness;
using Shop.Redis.Jobs;

namespace Shop.Benchmarks.Scenarios;

internal sealed class JobsProcess : Scenario
{
    private const int AtOnce = 64;

    public override string Name => "jobs-process";

    public override string Measures => "Process jobs that wait, with an empty handler, 64 at once, until each end is recorded; retries, leases and recovery on.";

    public override int Order => 91;

    public override IReadOnlyList<Target> Targets => [Target.Ratio(20, "Shop.Redis", "Hangfire"), Target.Throughput("Shop.Redis", 100_000)];

    public override IReadOnlyList<Side> CreateSides() => [new OurWorker(), new HangfireServer()];

    private sealed class OurWorker() : RedisSide("Shop.Redis", ours: true)
    {
        private const int Batch = 2_000;

        public override async Task RunAsync(Measurement measurement)
        {
            var count = (int)(100_000 * measurement.Duration.TotalSeconds);
            var jobs = new JobQueues(Redis, Prefix);
            for (var left = count; left > 0; left -= Batch)
                await jobs.EnqueueAsync([.. Enumerable.Range(0, Math.Min(Batch, left)).Select(static _ => BenchJob.Type.Request(new BenchJob("order-42")))], measurement.Cancelled);

            long handled = 0;
            using var stopping = CancellationTokenSource.CreateLinkedTokenSource(measurement.Cancelled);
            var handlers = new JobHandlers().Handle(BenchJob.Type, (_, _, _) =>
            {
                if (Interlocked.Increment(ref handled) == count)
                    stopping.Cancel();
                return new ValueTask<JobOutcome>(JobOutcome.Done());
            });
            measurement.Begin();

            // It ends when the last end is recorded.
            await new JobWorker(Redis, Prefix, new JobWorkerOptions { Queue = BenchJob.Type.Queue, Concurrency = AtOnce }, handlers).RunAsync(stopping.Token);
            measurement.Count(handled);
            measurement.End();

            var state = await new JobInspector(Redis, Prefix).InspectAsync(BenchJob.Type.Queue, measurement.Cancelled);
            if (state is { Queued: > 0 } or { Running: > 0 })
                throw new InvalidOperationException($"{state.Queued} jobs wait and {state.Running} run that should have ended.");
        }
    }

    private sealed class HangfireServer() : RedisSide("Hangfire", ours: false)
    {
        public override async Task RunAsync(Measurement measurement)
        {
            var count = (int)(1_000 * measurement.Duration.TotalSeconds);
            var storage = new RedisStorage(Redis, new RedisStorageOptions { Prefix = "{hangfire}:" });
            var jobs = new BackgroundJobClient(storage);
            for (var i = 0; i < count; i++)
                jobs.Enqueue(static () => HangfireWork.Run("order-42"));

            var monitor = storage.GetMonitoringApi();
            var before = monitor.GetStatistics().Succeeded;
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            measurement.Begin();
            using (new BackgroundJobServer(new BackgroundJobServerOptions { WorkerCount = AtOnce }, storage))
            {
                while (monitor.GetStatistics().Succeeded - before < count)
                    await timer.WaitForNextTickAsync(measurement.Cancelled);
                measurement.Count(count);
                measurement.End();
            }
        }
    }
}
