using System.Diagnostics;
using Hangfire;
using Hangfire.Redis.StackExchange;
using Shop.Benchmarks.Harness;
using Shop.Redis.Jobs;

namespace Shop.Benchmarks.Scenarios;

internal sealed class JobsEnqueue : Scenario
{
    private const int Callers = 64;
    private const int Threads = 64;

    public override string Name => "jobs-enqueue";

    public override string Measures => "Enqueue one job a call; 64 callers (of Hangfire 64 threads: its call blocks).";

    public override int Order => 90;

    public override IReadOnlyList<Target> Targets => [Target.Ratio(20, "Shop.Redis", "Hangfire")];

    public override IReadOnlyList<Side> CreateSides() => [new OurQueue(), new HangfireQueue()];

    private sealed class OurQueue() : RedisSide("Shop.Redis", ours: true)
    {
        public override async Task RunAsync(Measurement measurement)
        {
            var jobs = new JobQueues(Redis, Prefix);
            await measurement.ClosedLoopAsync(Callers, _ => jobs.EnqueueAsync(BenchJob.Type, new BenchJob("order-42")));
            await Database.ExecuteAsync("FLUSHALL");
        }
    }

    /// <summary>On threads of its own: its calls block, and would starve the thread pool on which its client completes them.</summary>
    private sealed class HangfireQueue() : RedisSide("Hangfire", ours: false)
    {
        public override async Task RunAsync(Measurement measurement)
        {
            var jobs = new BackgroundJobClient(new RedisStorage(Redis, new RedisStorageOptions { Prefix = "{hangfire}:" }));
            measurement.Begin();
            await Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => Task.Factory.StartNew(() => Enqueue(jobs, measurement), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
            measurement.End();
            await Database.ExecuteAsync("FLUSHALL");
        }

        private static void Enqueue(BackgroundJobClient jobs, Measurement measurement)
        {
            while (!measurement.IsOver)
            {
                var started = Stopwatch.GetTimestamp();
                jobs.Enqueue(static () => HangfireWork.Run("order-42"));
                measurement.Done(started);
            }
        }
    }
}
