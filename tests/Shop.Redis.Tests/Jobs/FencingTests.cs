using Shop.Redis.Jobs;
using Shop.Testing;
using Xunit;

namespace Shop.Redis.Tests.Jobs;

public abstract class FencingTests(ITestRedis server)
{
    private const int EndRefused = 8;
    private const int Recovered = 9;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_dead_worker_s_job_is_taken_over_and_the_attempt_counts()
    {
        await using var rig = new JobRig(server);
        var dying = await server.ConnectAsync();
        var hangs = new TaskCompletionSource();
        rig.Start(async (_, _, _) => { await hangs.Task; return JobOutcome.Done(); }, JobRig.Options("dying"), ownConnection: dying);
        var id = await rig.EnqueueAsync();
        await rig.BeganAsync(1);

        await dying.DisposeAsync();
        rig.Start(options: JobRig.Options("heir"));
        await rig.BeganAsync(2, TimeSpan.FromSeconds(40));
        await rig.SettledAsync();
        hangs.SetResult();

        Assert.Equal([("job", 1, id), ("job", 2, id)], rig.Began);
        await rig.LoggedAsync(Recovered);
        Assert.Empty(await rig.KeysWithJobsAsync());
    }

    [Fact]
    public async Task A_slow_handler_is_not_taken_for_dead()
    {
        await using var rig = new JobRig(server);
        var release = new TaskCompletionSource();
        var slow = new JobWorkerOptions { Queue = JobRig.Queue, Worker = "slow", Lease = TimeSpan.FromSeconds(6) };
        rig.Start(async (_, _, _) => { await release.Task; return JobOutcome.Done(); }, slow);
        var id = await rig.EnqueueAsync();
        var running = await rig.IsAsync(id, JobState.Running);
        rig.Start(options: new JobWorkerOptions { Queue = JobRig.Queue, Worker = "other", Lease = TimeSpan.FromSeconds(6) });

        // Its lease has been renewed several times when more than one has passed.
        await Eventually.TrueAsync(async () => await rig.Database.HashExistsAsync(new JobKeys(rig.Prefix, JobRig.Queue).All[12], id.ToString()), "its beginning is noted");
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(8));
        await timer.WaitForNextTickAsync(Ct);
        var later = await rig.Inspector.GetAsync(JobRig.Queue, id, Ct);
        release.SetResult();
        await rig.SettledAsync();

        Assert.Equal((JobState.Running, 1, running.Worker), (later!.State, later.Attempt, later.Worker));
        Assert.InRange((later.StartedAt - running.StartedAt)!.Value, TimeSpan.FromSeconds(-2), TimeSpan.FromSeconds(2));
        Assert.Single(rig.Began);
        Assert.Empty(await rig.KeysWithJobsAsync());
    }

    [Fact]
    public async Task What_an_attempt_says_that_lost_its_job_is_refused_and_its_token_is_cancelled()
    {
        await using var rig = new JobRig(server);
        var stopped = new TaskCompletionSource<JobStop>();
        var refused = new TaskCompletionSource<bool>();
        var second = new TaskCompletionSource();
        rig.Start(async (_, job, cancellation) =>
        {
            if (job.Attempt > 1)
            {
                await second.Task;
                return JobOutcome.Done(2, WorkJson.Default.Int32);
            }

            await using var registered = cancellation.Register(() => stopped.TrySetResult(job.StopReason));
            await stopped.Task;
            try
            {
                await job.ReportProgressAsync(99, "of the first");
            }
            catch (OperationCanceledException)
            {
                refused.SetResult(true);
            }

            return JobOutcome.Done(1, WorkJson.Default.Int32);
        });
        var id = await rig.EnqueueAsync();
        await rig.BeganAsync(1);

        // As the recoverer does to an attempt that showed no life; without waiting for that.
        var commands = new JobCommands(rig.Database, new JobKeys(rig.Prefix, JobRig.Queue), JobRig.Options("taker"), TimeProvider.System);
        var attempt = Assert.Single(await commands.PendingAsync(TimeSpan.Zero, 10, onlyOwn: false));
        Assert.Equal('s', await commands.FailAsync(new FailedAttempt(attempt.Id, attempt.Place, 2) { Wait = TimeSpan.Zero, Error = JobFailure.Encode(1, attempt.StartedAt, "one", "taken over") }));
        await rig.BeganAsync(2);

        Assert.Equal(JobStop.LeaseLost, await stopped.Task.WaitAsync(TimeSpan.FromSeconds(30), Ct));
        Assert.True(await refused.Task.WaitAsync(TimeSpan.FromSeconds(30), Ct));
        await rig.LoggedAsync(EndRefused);
        var running = await rig.Inspector.GetAsync(JobRig.Queue, id, Ct);
        Assert.Equal((JobState.Running, 2, null), (running!.State, running.Attempt, running.Progress));
        second.SetResult();
        await rig.IsAsync(id, JobState.Succeeded);
        Assert.Equal(2, await rig.Inspector.GetResultAsync(JobRig.Queue, id, WorkJson.Default.Int32, Ct));
    }

    [Fact]
    public async Task Of_a_batch_only_the_completions_that_lost_their_job_are_refused()
    {
        await using var rig = new JobRig(server);
        var keys = new JobKeys(rig.Prefix, JobRig.Queue);
        var commands = new JobCommands(rig.Database, keys, JobRig.Options(), TimeProvider.System);
        await rig.EnqueueAsync(Enumerable.Range(0, 6).Select(static n => $"{n}"), new JobOptions { Priority = JobPriority.High });
        await rig.EnqueueAsync(["6", "7"]);
        var fetched = (await commands.FetchAsync(20, lowestFirst: false)).Jobs;
        await commands.GiveBackAsync(fetched[2].Id, fetched[2].Place);
        await commands.GiveBackAsync(fetched[6].Id, fetched[6].Place);

        var refused = await commands.CompleteAsync([.. fetched.Where((_, i) => i != 4)]);
        var repeated = await commands.CompleteAsync([fetched[0]]);

        Assert.Equal([fetched[2].Place, fetched[6].Place], refused);
        Assert.Equal([fetched[0].Place], repeated);
        Assert.Equal((2, 1), await rig.FactsAsync() is var facts ? (facts.Queued, facts.Running) : default);
        Assert.Empty(await commands.CompleteAsync([fetched[4]]));
        rig.Start();
        await rig.SettledAsync();
        Assert.Equal(["2", "6"], rig.BeganTexts.Order()); // side by side
        Assert.Empty(await rig.KeysWithJobsAsync());
    }
}

public sealed class FencingOnOneServer(OwnRedis server) : FencingTests(server), IClassFixture<OwnRedis>;

public sealed class FencingOnACluster(ClusterRedis server) : FencingTests(server);
