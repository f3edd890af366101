using Shop.Redis.Jobs;
using Shop.Testing;
using Xunit;

namespace Shop.Redis.Tests.Jobs;

public abstract class LimitTests(ITestRedis server)
{
    [Fact]
    public async Task No_more_jobs_of_a_queue_run_at_once_than_allowed_over_all_workers()
    {
        await using var rig = new JobRig(server);
        await rig.EnqueueAsync(Enumerable.Range(0, 200).Select(static n => $"{n}"));
        var (running, most) = (0, 0);
        for (var i = 0; i < 3; i++)
        {
            var connection = await server.ConnectAsync();
            rig.Own(connection);
            rig.Start(
                async (_, _, _) =>
                {
                    var now = Interlocked.Increment(ref running);
                    InterlockedMax(ref most, now);
                    await Task.Yield();
                    Interlocked.Decrement(ref running);
                    return JobOutcome.Done();
                },
                new JobWorkerOptions { Queue = JobRig.Queue, Worker = $"{i}", Concurrency = 16, QueueConcurrency = 3 },
                ownConnection: connection);
        }

        await rig.SettledAsync();

        Assert.Equal(200, rig.BeganTexts.Distinct().Count());
        Assert.InRange(most, 1, 3);
    }

    [Fact]
    public async Task A_queue_that_is_full_goes_on_as_soon_as_one_of_its_jobs_ends_anywhere()
    {
        await using var rig = new JobRig(server);
        var release = new TaskCompletionSource();
        JobWorkerOptions Options(string name) => new() { Queue = JobRig.Queue, Worker = name, QueueConcurrency = 1, PollInterval = TimeSpan.FromMinutes(10) };
        rig.Start(async (_, _, _) => { await release.Task; return JobOutcome.Done(); }, Options("one"));
        await rig.EnqueueAsync("holds the queue");
        await rig.BeganAsync(1);
        rig.Start(options: Options("two"));
        await rig.EnqueueAsync("waits");
        await Eventually.TrueAsync(async () => await rig.FactsAsync() is { Running: 1, Queued: 1 }, "one runs, one waits");

        release.SetResult();

        await rig.BeganAsync(2);
    }

    [Fact]
    public async Task Jobs_begin_no_faster_than_the_queue_s_rate_over_all_workers()
    {
        await using var rig = new JobRig(server);
        var rate = new JobRate(20, TimeSpan.FromSeconds(1)) { Burst = 2 };
        await rig.EnqueueAsync(Enumerable.Range(0, 22).Select(static n => $"{n}"));
        var before = TimeProvider.System.GetTimestamp();

        for (var i = 0; i < 3; i++)
            rig.Start(options: new JobWorkerOptions { Queue = JobRig.Queue, Worker = $"{i}", QueueRate = rate, PollInterval = TimeSpan.FromMinutes(10) });
        await rig.BeganAsync(22, TimeSpan.FromSeconds(60));
        var took = TimeProvider.System.GetElapsedTime(before);
        await rig.SettledAsync();

        Assert.True(took >= TimeSpan.FromSeconds(0.99), $"22 jobs, of which 2 may burst, at 20 a second: at least a second, but it took {took}.");
        Assert.Equal(22, rig.BeganTexts.Distinct().Count());
    }

    [Fact]
    public async Task A_worker_runs_no_more_at_once_than_it_has_places()
    {
        await using var rig = new JobRig(server);
        var (running, most) = (0, 0);
        await rig.EnqueueAsync(Enumerable.Range(0, 100).Select(static n => $"{n}"));

        rig.Start(
            async (_, _, _) =>
            {
                InterlockedMax(ref most, Interlocked.Increment(ref running));
                await Task.Yield();
                Interlocked.Decrement(ref running);
                return JobOutcome.Done();
            },
            JobRig.Options(concurrency: 5));
        await rig.SettledAsync();

        Assert.InRange(most, 1, 5);
        Assert.Equal(100, rig.Began.Count);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); seen < value;)
        {
            var before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen)
                return;
            seen = before;
        }
    }
}

public sealed class LimitsOnOneServer(OwnRedis server) : LimitTests(server), IClassFixture<OwnRedis>;

public sealed class LimitsOnACluster(ClusterRedis server) : LimitTests(server);
