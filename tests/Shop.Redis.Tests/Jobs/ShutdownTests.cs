using Shop.Redis.Jobs;
using Xunit;

namespace Shop.Redis.Tests.Jobs;

public abstract class ShutdownTests(ITestRedis server)
{
    private const int DrainTimedOut = 11;
    private const int HandlersAbandoned = 12;

    [Fact]
    public async Task A_shutdown_finishes_what_runs_and_begins_nothing_more()
    {
        await using var rig = new JobRig(server);
        var release = new TaskCompletionSource();
        var worker = rig.Start(async (_, _, _) => { await release.Task; return JobOutcome.Done(); }, JobRig.Options(concurrency: 2));
        await rig.EnqueueAsync(["1", "2", "3"]);
        await rig.BeganAsync(2);

        var stopping = worker.StopAsync();
        Assert.False(stopping.IsCompleted);
        release.SetResult();
        await stopping;

        Assert.Equal(["1", "2"], rig.BeganTexts.Order());
        Assert.Equal((1, 0), await rig.FactsAsync() is var facts ? (facts.Queued, facts.Running) : default);
    }

    [Fact]
    public async Task What_does_not_finish_in_time_is_cancelled_and_given_back_to_the_front_with_no_attempt_used_up()
    {
        await using var rig = new JobRig(server);
        var reasons = new List<JobStop>();
        var options = new JobWorkerOptions { Queue = JobRig.Queue, Worker = "leaving", Concurrency = 1, DrainTimeout = TimeSpan.FromMilliseconds(50), Lease = TimeSpan.FromMinutes(10) };
        var leaving = rig.Start(
            async (_, job, cancellation) =>
            {
                try
                {
                    await job.ReportProgressAsync(50);
                    await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
                }
                finally
                {
                    reasons.Add(job.StopReason);
                }

                return JobOutcome.Done();
            },
            options);
        var id = await rig.EnqueueAsync("long");
        await rig.BeganAsync(1);
        await rig.EnqueueAsync("next", new JobOptions { Priority = JobPriority.High });

        await leaving.StopAsync();
        await rig.LoggedAsync(DrainTimedOut);
        Assert.Equal(JobState.Queued, (await rig.IsAsync(id, JobState.Queued)).State);
        rig.Start(options: JobRig.Options("heir", concurrency: 1));
        await rig.SettledAsync();

        Assert.Equal([JobStop.ShutDown], reasons);
        Assert.Equal([("long", 1), ("long", 1), ("next", 1)], rig.Began.Select(static one => (one.Text, one.Attempt)));
        Assert.Empty(await rig.KeysWithJobsAsync());
    }

    [Fact]
    public async Task A_handler_that_ignores_its_cancellation_does_not_hold_the_shutdown_up_and_its_job_is_recovered()
    {
        await using var rig = new JobRig(server);
        var never = new TaskCompletionSource();
        var options = new JobWorkerOptions { Queue = JobRig.Queue, Worker = "leaving", DrainTimeout = TimeSpan.Zero, Lease = TimeSpan.FromSeconds(2) };
        var leaving = rig.Start(async (_, _, _) => { await never.Task; return JobOutcome.Done(); }, options);
        var id = await rig.EnqueueAsync();
        await rig.BeganAsync(1);

        await leaving.StopAsync();
        await rig.LoggedAsync(HandlersAbandoned);
        rig.Start(options: JobRig.Options("heir"));
        await rig.BeganAsync(2, TimeSpan.FromSeconds(40));
        await rig.SettledAsync();
        never.SetResult();

        Assert.Equal([("job", 1, id), ("job", 2, id)], rig.Began);
    }

    [Fact]
    public async Task A_rolling_restart_under_load_loses_and_repeats_nothing()
    {
        await using var rig = new JobRig(server);
        await rig.EnqueueAsync(Enumerable.Range(0, 2000).Select(static n => $"{n}"));
        for (var i = 0; i < 5; i++)
        {
            var worker = rig.Start(static async (_, _, _) => { await Task.Yield(); return JobOutcome.Done(); }, JobRig.Options($"{i}"));
            await rig.BeganAsync(Math.Min(100 * (i + 1), 2000));
            if (i < 4)
                await worker.StopAsync();
        }

        await rig.SettledAsync();

        Assert.Equal(2000, rig.Began.Count);
        Assert.Equal(2000, rig.BeganTexts.Distinct().Count());
    }
}

public sealed class ShutdownOnOneServer(OwnRedis server) : ShutdownTests(server), IClassFixture<OwnRedis>;

public sealed class ShutdownOnACluster(ClusterRedis server) : ShutdownTests(server);
