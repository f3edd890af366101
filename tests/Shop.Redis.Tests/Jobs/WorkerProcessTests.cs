using Shop.Redis.Jobs;
using Shop.SampleWorker;
using Shop.Testing;
using StackExchange.Redis;
using Xunit;

namespace Shop.Redis.Tests.Jobs;

/// <summary>What happens to jobs when whole processes die or stand still.</summary>
public sealed class WorkerProcessTests(OwnRedis server) : IClassFixture<OwnRedis>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private readonly string _prefix = RedisFixture.NewPrefix();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private JobQueues Jobs => field ??= new JobQueues(server.Connection, _prefix);

    private JobInspector Inspector => field ??= new JobInspector(server.Connection, _prefix);

    [Fact]
    public async Task The_job_of_a_killed_worker_is_run_by_another()
    {
        await using var first = await StartAsync("first");
        var id = (await Jobs.EnqueueAsync(SampleJobs.Type, new Deed("hang", _prefix + "log"), ct: Ct)).Id;
        await IsAsync(id, job => job is { State: JobState.Running, Worker: "first" }, "the first runs it");

        await first.KillAsync();
        await using var second = await StartAsync("second");
        var taken = await IsAsync(id, job => job is { State: JobState.Running, Worker: "second" }, "the second runs it");

        Assert.Equal(2, taken!.Attempt);
        var failed = Assert.Single(taken.FailedAttempts);
        Assert.Equal((1, "first"), (failed.Attempt, failed.Worker));
        Assert.Contains("showed no life", failed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_that_kills_its_worker_is_dead_after_its_attempts_and_the_others_run()
    {
        var poison = (await Jobs.EnqueueAsync(SampleJobs.Type, new Deed("kill", _prefix + "kills"), ct: Ct)).Id;
        var deaths = 0;

        // As a host does: a worker that ends is started again.
        while (await Inspector.GetAsync(SampleJobs.Type.Queue, poison, Ct) is not { State: JobState.Dead })
        {
            await using var worker = await StartAsync($"worker{deaths}");
            var ended = worker.WaitForExitAsync(Ct);
            var dead = IsAsync(poison, static job => job is { State: JobState.Dead }, "the poison is dead");
            if (await Task.WhenAny(ended, dead) == ended)
                deaths++;
            else
                await dead;
            Assert.InRange(deaths, 0, 3);
        }

        var job = await Inspector.GetAsync(SampleJobs.Type.Queue, poison, Ct);
        Assert.Equal((3, 3), (deaths, job!.Attempt));
        Assert.Equal([1, 2, 3], job.FailedAttempts.Select(static attempt => attempt.Attempt));
        Assert.Equal(["1 worker0", "2 worker1", "3 worker2"], Array.ConvertAll(await server.Database.ListRangeAsync(_prefix + "kills"), static value => value.ToString()));

        await using var survivor = await StartAsync("survivor");
        await Jobs.EnqueueAsync(SampleJobs.Type, new Deed("count", _prefix + "counted"), ct: Ct);
        await Eventually.TrueAsync(async () => await server.Database.StringGetAsync(_prefix + "counted") == 1, "the next job runs", Patience);
    }

    [Fact]
    public async Task A_paused_worker_loses_its_job_and_learns_so_when_it_wakes()
    {
        var release = new TaskCompletionSource();
        await using var paused = await StartAsync("paused");
        var id = (await Jobs.EnqueueAsync(SampleJobs.Type, new Deed("hang", _prefix + "log"), new JobOptions { KeepSucceeded = TimeSpan.FromHours(1) }, Ct)).Id;
        await IsAsync(id, static job => job is { State: JobState.Running, Worker: "paused" }, "it runs");

        paused.Pause();
        var handlers = new JobHandlers().Handle(SampleJobs.Type, async (_, job, _) =>
        {
            await release.Task;
            return JobOutcome.Done(job.Attempt, WorkJson.Default.Int32);
        });
        await using var heir = new RunningWorker(new JobWorker(
            server.Connection, _prefix, new JobWorkerOptions { Queue = SampleJobs.Type.Queue, Worker = "heir", Lease = SampleJobs.Lease }, handlers));
        await IsAsync(id, static job => job is { State: JobState.Running, Worker: "heir" }, "another has taken it over");
        paused.Resume();
        await Eventually.TrueAsync(async () => await server.Database.ListLengthAsync(_prefix + "log") == 3, "the paused one wakes, tries to report, and claims to be done", Patience);
        await Eventually.TrueAsync(async () => await server.Database.KeyExistsAsync(_prefix + "log:refused"), "its completion is refused", Patience);
        var afterwards = await Inspector.GetAsync(SampleJobs.Type.Queue, id, Ct);

        Assert.Equal(["stopped: LeaseLost", "progress refused", "done"], Array.ConvertAll(await server.Database.ListRangeAsync(_prefix + "log"), static value => value.ToString()));
        Assert.Equal((JobState.Running, "heir", 2, null), (afterwards!.State, afterwards.Worker, afterwards.Attempt, afterwards.Progress));
        release.SetResult();
        await IsAsync(id, static job => job is { State: JobState.Succeeded }, "the heir completes it");
        Assert.Equal(2, await Inspector.GetResultAsync(SampleJobs.Type.Queue, id, WorkJson.Default.Int32, Ct));
    }

    [Fact]
    public async Task Killed_again_and_again_workers_lose_no_job()
    {
        await Jobs.EnqueueAsync([.. Enumerable.Range(0, 300).Select(n => SampleJobs.Type.Request(new Deed("count", $"{_prefix}done:{n}"), new JobOptions { MaxAttempts = 100 }))], Ct);

        for (var i = 0; i < 3; i++)
        {
            await using var worker = await StartAsync($"short-lived{i}");
            await Eventually.TrueAsync(async () => await DoneAsync() > 20 * (i + 1), "some jobs are done", Patience);
            await worker.KillAsync();
        }

        await using var last = await StartAsync("last");
        await Eventually.TrueAsync(async () => await DoneAsync() == 300 && await Inspector.InspectAsync(SampleJobs.Type.Queue, Ct) is { Running: 0, Queued: 0, Scheduled: 0, Dead: 0 }, "all are done", Patience);
    }

    private async Task<int> DoneAsync() =>
        (await server.Database.StringGetAsync([.. Enumerable.Range(0, 300).Select(n => (RedisKey)$"{_prefix}done:{n}")])).Count(static value => !value.IsNull);

    private Task<WorkerProcess> StartAsync(string name) => WorkerProcess.StartAsync(server.Connection.Configuration, _prefix, name, Inspector);

    private Task<JobDetails?> IsAsync(Guid id, Func<JobDetails?, bool> expected, string what) =>
        Eventually.BecomesAsync(() => Inspector.GetAsync(SampleJobs.Type.Queue, id, Ct), expected, what, Patience);
}
