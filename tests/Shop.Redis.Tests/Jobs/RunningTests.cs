using Shop.Redis.Jobs;
using Shop.Testing;
using Xunit;

namespace Shop.Redis.Tests.Jobs;

public abstract class RunningTests(ITestRedis server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_runs_once_with_its_arguments_and_leaves_nothing_behind()
    {
        await using var rig = new JobRig(server);
        rig.Start();

        var id = await rig.EnqueueAsync("häßlich \"quoted\" \n text");
        await rig.BeganAsync(1);
        await rig.SettledAsync();

        Assert.Equal([("häßlich \"quoted\" \n text", 1, id)], rig.Began);
        Assert.Empty(await rig.KeysWithJobsAsync());
    }

    [Fact]
    public async Task Thousands_of_jobs_over_several_workers_run_once_each()
    {
        await using var rig = new JobRig(server);
        string[] texts = [.. Enumerable.Range(0, 3000).Select(static n => $"{n}")];
        await rig.EnqueueAsync(texts[..1000]);
        foreach (var worker in (string[])["one", "two", "three"])
            rig.Start(static async (_, _, _) => { await Task.Yield(); return JobOutcome.Done(); }, JobRig.Options(worker, concurrency: 32));
        await rig.EnqueueAsync(texts[1000..]);

        await rig.SettledAsync();

        Assert.Equal(texts.Order(), rig.BeganTexts.Order());
        Assert.Empty(await rig.KeysWithJobsAsync());
    }

    [Fact]
    public async Task Jobs_of_one_priority_begin_in_the_order_in_which_they_were_enqueued()
    {
        await using var rig = new JobRig(server);
        string[] texts = [.. Enumerable.Range(0, 700).Select(static n => $"{n}")];
        await rig.EnqueueAsync(texts);

        rig.Start(options: JobRig.Options(concurrency: 1));
        await rig.SettledAsync();

        Assert.Equal(texts, rig.BeganTexts);
    }

    [Fact]
    public async Task Higher_priorities_go_first_and_lower_ones_are_not_starved()
    {
        await using var rig = new JobRig(server);
        await rig.EnqueueAsync(Enumerable.Repeat("low", 3), new JobOptions { Priority = JobPriority.Low });
        await rig.EnqueueAsync(Enumerable.Repeat("normal", 20));
        await rig.EnqueueAsync(Enumerable.Repeat("high", 40), new JobOptions { Priority = JobPriority.High });

        rig.Start(options: JobRig.Options(concurrency: 1));
        await rig.SettledAsync();

        var order = rig.BeganTexts;
        Assert.Equal(Enumerable.Repeat("high", 15), order[..15]);
        Assert.Equal("low", order[15]); // one fetch in sixteen looks there first
        Assert.Equal(["high", "high"], order[16..18]);
        Assert.True(Array.LastIndexOf(order, "high") < Array.IndexOf(order, "normal"));
        Assert.Equal(63, order.Length);
    }

    [Fact]
    public async Task A_delayed_job_waits_for_its_time_by_redis_s_clock()
    {
        await using var rig = new JobRig(server);
        rig.Start();
        var delay = TimeSpan.FromMilliseconds(700);

        var id = await rig.EnqueueAsync("later", new JobOptions { Delay = delay });
        var waiting = await rig.Inspector.GetAsync(JobRig.Queue, id, Ct);
        await rig.BeganAsync(1);
        await rig.SettledAsync();

        Assert.Equal(JobState.Scheduled, waiting!.State);
        Assert.Equal(delay, waiting.DueAt - waiting.EnqueuedAt);
    }

    [Fact]
    public async Task A_job_due_in_the_past_runs_at_once_and_one_due_far_ahead_can_be_run_now()
    {
        await using var rig = new JobRig(server);
        rig.Start();

        await rig.EnqueueAsync("past", new JobOptions { RunAt = DateTimeOffset.UnixEpoch });
        await rig.BeganAsync(1);
        var id = await rig.EnqueueAsync("future", new JobOptions { RunAt = DateTimeOffset.UnixEpoch.AddYears(200) });
        Assert.Equal(JobState.Scheduled, (await rig.Inspector.GetAsync(JobRig.Queue, id, Ct))!.State);
        Assert.Equal(JobChange.Done, await rig.Jobs.RetryAsync(JobRig.Queue, id, Ct));
        await rig.SettledAsync();

        Assert.Equal(["past", "future"], rig.BeganTexts);
        Assert.Empty(await rig.KeysWithJobsAsync());
    }

    [Fact]
    public async Task Jobs_that_are_due_run_in_the_order_of_their_times()
    {
        await using var rig = new JobRig(server);
        foreach (var delay in (int[])[400, 200, 300, 100])
            await rig.EnqueueAsync($"{delay}", new JobOptions { Delay = TimeSpan.FromMilliseconds(delay) });

        rig.Start(options: JobRig.Options(concurrency: 1));
        await rig.SettledAsync();

        Assert.Equal(["100", "200", "300", "400"], rig.BeganTexts);
    }

    [Fact]
    public async Task A_snoozed_job_comes_again_and_uses_up_no_attempt()
    {
        await using var rig = new JobRig(server);
        rig.Start((_, _, _) => ValueTask.FromResult(rig.Began.Count < 6 ? JobOutcome.Snooze(TimeSpan.FromMilliseconds(20)) : JobOutcome.Done()));

        var id = await rig.EnqueueAsync();
        await rig.BeganAsync(6);
        await rig.SettledAsync();

        Assert.Equal(Enumerable.Repeat(("job", 1, id), 6), rig.Began);
        Assert.Empty(await rig.KeysWithJobsAsync());
    }

    [Fact]
    public async Task A_result_can_be_read_until_it_expires()
    {
        await using var rig = new JobRig(server);
        var options = new JobWorkerOptions { Queue = JobRig.Queue, ResultExpiry = TimeSpan.FromSeconds(2), JanitorInterval = TimeSpan.FromMilliseconds(100) };
        rig.Start(static (_, _, _) => ValueTask.FromResult(JobOutcome.Done(42, WorkJson.Default.Int32)), options);

        var id = await rig.EnqueueAsync();
        var done = await rig.IsAsync(id, JobState.Succeeded);

        Assert.Equal(42, await rig.Inspector.GetResultAsync(JobRig.Queue, id, WorkJson.Default.Int32, Ct));
        Assert.Equal(TimeSpan.FromSeconds(2), done.ExpiresAt - done.FinishedAt);
        await rig.IsGoneAsync(id);
        await Eventually.TrueAsync(async () => await rig.KeysWithJobsAsync() is [], "the janitor has forgotten it");
    }

    [Fact]
    public async Task A_job_that_asks_for_it_is_kept_after_success_and_not_enqueued_again()
    {
        await using var rig = new JobRig(server);
        rig.Start();
        var options = new JobOptions { Id = Guid.CreateVersion7(), KeepSucceeded = TimeSpan.FromHours(1) };

        var id = await rig.EnqueueAsync("kept", options);
        await rig.IsAsync(id, JobState.Succeeded);
        var again = await rig.Jobs.EnqueueAsync(JobRig.Type, new Work("again"), options, Ct);

        Assert.Equal(new EnqueuedJob(id, IsNew: false), again);
        Assert.Equal(1, (await rig.SettledAsync()).Succeeded);
        Assert.Equal(["kept"], rig.BeganTexts);
    }

    [Fact]
    public async Task A_worker_without_the_handler_fails_the_attempt_and_says_so()
    {
        await using var rig = new JobRig(server);
        rig.Start();
        var unknown = new JobType<Work>("unknown", JobRig.Queue, WorkJson.Default.Work) { MaxAttempts = 1 };

        var id = (await rig.Jobs.EnqueueAsync(unknown, new Work("?"), ct: Ct)).Id;
        var dead = await rig.IsAsync(id, JobState.Dead);

        Assert.Contains("no handler for unknown", Assert.Single(dead.FailedAttempts).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Jobs_of_several_queues_can_be_enqueued_together()
    {
        await using var rig = new JobRig(server);
        var other = new JobType<Work>("other", "elsewhere", WorkJson.Default.Work);
        rig.Start();

        var answers = await rig.Jobs.EnqueueAsync([JobRig.Type.Request(new Work("here")), other.Request(new Work("there")), JobRig.Type.Request(new Work("here"))], Ct);
        await rig.SettledAsync();

        Assert.All(answers, static answer => Assert.True(answer.IsNew));
        Assert.Equal(["here", "here"], rig.BeganTexts);
        Assert.Equal(1, (await rig.Inspector.InspectAsync("elsewhere", Ct)).Queued);
    }
}

public sealed class RunningOnOneServer(OwnRedis server) : RunningTests(server), IClassFixture<OwnRedis>;

public sealed class RunningOnACluster(ClusterRedis server) : RunningTests(server);
