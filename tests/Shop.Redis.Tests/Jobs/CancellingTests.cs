using Shop.Redis.Jobs;
using Xunit;

namespace Shop.Redis.Tests.Jobs;

public abstract class CancellingTests(ITestRedis server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_that_waits_is_cancelled_at_once_and_never_runs()
    {
        await using var rig = new JobRig(server);
        var queued = await rig.EnqueueAsync("queued", new JobOptions { UniqueKey = "k" });
        var scheduled = await rig.EnqueueAsync("scheduled", new JobOptions { Delay = TimeSpan.FromMilliseconds(500) });

        Assert.Equal(JobChange.Done, await rig.Jobs.CancelAsync(JobRig.Queue, queued, "not wanted", Ct));
        Assert.Equal(JobChange.Done, await rig.Jobs.CancelAsync(JobRig.Queue, scheduled, "not wanted", Ct));
        rig.Start();
        await rig.EnqueueAsync("other", new JobOptions { UniqueKey = "k", Delay = TimeSpan.FromMilliseconds(700) });
        await rig.SettledAsync();

        Assert.Equal(["other"], rig.BeganTexts);
        var cancelled = await rig.Inspector.GetAsync(JobRig.Queue, queued, Ct);
        Assert.Equal((JobState.Cancelled, "not wanted"), (cancelled!.State, cancelled.CancelReason));
    }

    [Fact]
    public async Task A_running_job_is_told_on_whichever_machine_it_runs()
    {
        await using var rig = new JobRig(server);
        var stopped = new TaskCompletionSource<JobStop>();
        await using var elsewhere = await server.ConnectAsync();
        rig.Start(
            async (_, job, cancellation) =>
            {
                await using var registered = cancellation.Register(() => stopped.TrySetResult(job.StopReason));
                await stopped.Task;
                throw new OperationCanceledException(cancellation);
            },
            new JobWorkerOptions { Queue = JobRig.Queue, Lease = TimeSpan.FromMinutes(10) }, // so long that only the message can have told it
            ownConnection: elsewhere);
        var id = await rig.EnqueueAsync();
        await rig.BeganAsync(1);

        Assert.Equal(JobChange.Requested, await rig.Jobs.CancelAsync(JobRig.Queue, id, "changed our mind", Ct));

        Assert.Equal(JobStop.Cancelled, await stopped.Task.WaitAsync(TimeSpan.FromSeconds(30), Ct));
        var cancelled = await rig.IsAsync(id, JobState.Cancelled);
        Assert.Equal("changed our mind", cancelled.CancelReason);
        Assert.Empty(cancelled.FailedAttempts);
    }

    [Fact]
    public async Task A_cancellation_whose_message_was_lost_arrives_with_the_next_renewal()
    {
        await using var rig = new JobRig(server);
        rig.Start(static async (_, _, cancellation) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
            return JobOutcome.Done();
        });
        var id = await rig.EnqueueAsync();
        await rig.BeganAsync(1);

        // What the script writes, without what it publishes.
        await rig.Database.HashSetAsync(new JobKeys(rig.Prefix, JobRig.Queue).All[11], id.ToString(), "quietly");

        Assert.Equal("quietly", (await rig.IsAsync(id, JobState.Cancelled)).CancelReason);
    }

    [Fact]
    public async Task A_handler_that_finishes_all_the_same_has_succeeded()
    {
        await using var rig = new JobRig(server);
        var release = new TaskCompletionSource();
        rig.Start(async (_, _, _) => { await release.Task; return JobOutcome.Done(); });
        var id = await rig.EnqueueAsync();
        await rig.BeganAsync(1);

        await rig.Jobs.CancelAsync(JobRig.Queue, id, "too late", Ct);
        release.SetResult();
        await rig.SettledAsync();

        Assert.Empty(await rig.KeysWithJobsAsync());
    }

    [Fact]
    public async Task A_job_that_fails_while_it_is_to_be_cancelled_is_not_tried_again()
    {
        await using var rig = new JobRig(server);
        var release = new TaskCompletionSource();
        rig.Start(async (_, _, _) => { await release.Task; return JobOutcome.Retry("failed"); });
        var id = await rig.EnqueueAsync();
        await rig.BeganAsync(1);

        await rig.Jobs.CancelAsync(JobRig.Queue, id, "in the meantime", Ct);
        release.SetResult();
        var cancelled = await rig.IsAsync(id, JobState.Cancelled);

        Assert.Equal(("in the meantime", "failed"), (cancelled.CancelReason, Assert.Single(cancelled.FailedAttempts).Error));
        Assert.Single(rig.Began);
    }

    [Fact]
    public async Task What_has_ended_cannot_be_cancelled_and_what_never_was_is_not_found()
    {
        await using var rig = new JobRig(server);
        rig.Start();
        var kept = await rig.EnqueueAsync(options: new JobOptions { KeepSucceeded = TimeSpan.FromHours(1) });
        await rig.IsAsync(kept, JobState.Succeeded);

        Assert.Equal(JobChange.WrongState, await rig.Jobs.CancelAsync(JobRig.Queue, kept, "why", Ct));
        Assert.Equal(JobChange.WrongState, await rig.Jobs.RetryAsync(JobRig.Queue, kept, Ct));
        Assert.Equal(JobChange.NotFound, await rig.Jobs.CancelAsync(JobRig.Queue, Guid.CreateVersion7(), "why", Ct));
        Assert.Equal(JobChange.NotFound, await rig.Jobs.RetryAsync(JobRig.Queue, Guid.CreateVersion7(), Ct));
    }

    [Fact]
    public async Task A_cancelled_job_can_be_retried()
    {
        await using var rig = new JobRig(server);
        var id = await rig.EnqueueAsync();
        await rig.Jobs.CancelAsync(JobRig.Queue, id, "by mistake", Ct);

        Assert.Equal(JobChange.Done, await rig.Jobs.RetryAsync(JobRig.Queue, id, Ct));
        Assert.Equal(JobChange.WrongState, await rig.Jobs.RetryAsync(JobRig.Queue, id, Ct)); // it waits already
        Assert.Equal(JobChange.WrongState, await rig.Jobs.DropAsync(JobRig.Queue, id, Ct));
        rig.Start();
        await rig.SettledAsync();

        Assert.Single(rig.Began);
        Assert.Empty(await rig.KeysWithJobsAsync());
    }
}

public sealed class CancellingOnOneServer(OwnRedis server) : CancellingTests(server), IClassFixture<OwnRedis>;

public sealed class CancellingOnACluster(ClusterRedis server) : CancellingTests(server);
