using Shop.Redis.Jobs;
using Shop.Testing;
using Xunit;

namespace Shop.Redis.Tests.Jobs;

public abstract class InspectionTests(ITestRedis server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Jobs_are_listed_by_state_a_page_at_a_time()
    {
        await using var rig = new JobRig(server);
        var release = new TaskCompletionSource();
        await rig.EnqueueAsync(Enumerable.Range(0, 5).Select(static n => $"running {n}"), new JobOptions { Priority = JobPriority.High });
        var worker = rig.Start(async (_, _, _) => { await release.Task; return JobOutcome.Done(); }, JobRig.Options(concurrency: 5));
        await rig.BeganAsync(5);
        for (var n = 0; n < 5; n++)
        {
            await rig.EnqueueAsync($"queued {n}", new JobOptions { Priority = n < 2 ? JobPriority.High : JobPriority.Low });
            await rig.EnqueueAsync($"scheduled {n}", new JobOptions { Delay = TimeSpan.FromHours(1 + n) });
            var cancelled = await rig.EnqueueAsync($"cancelled {n}");
            await rig.Jobs.CancelAsync(JobRig.Queue, cancelled, "for the test", Ct);
        }

        foreach (var state in (JobState[])[JobState.Running, JobState.Queued, JobState.Scheduled])
            Assert.Equal(Enumerable.Range(0, 5).Select(n => $"{state.ToString().ToLowerInvariant()} {n}"), await ListAsync(rig, state));
        Assert.Equal(["cancelled 0", "cancelled 1", "cancelled 2", "cancelled 3", "cancelled 4"], (await ListAsync(rig, JobState.Cancelled)).Order());
        Assert.Empty(await ListAsync(rig, JobState.Dead));
        var facts = await rig.FactsAsync();
        Assert.Equal((5, 5, 5, 0, 0, 5, 1), (facts.Scheduled, facts.Queued, facts.Running, facts.Succeeded, facts.Dead, facts.Cancelled, facts.Workers));
        release.SetResult();
        await worker.StopAsync();
    }

    [Fact]
    public async Task The_age_of_the_oldest_queued_job_is_known()
    {
        await using var rig = new JobRig(server);
        Assert.Equal(TimeSpan.Zero, (await rig.FactsAsync()).OldestQueuedAge);
        await rig.EnqueueAsync();

        await Eventually.TrueAsync(async () => (await rig.FactsAsync()).OldestQueuedAge > TimeSpan.FromMilliseconds(50), "it grows older");
        rig.Start();
        await rig.SettledAsync();

        Assert.Equal(TimeSpan.Zero, (await rig.FactsAsync()).OldestQueuedAge);
    }

    [Fact]
    public async Task A_job_shows_everything_that_is_known_about_it()
    {
        await using var rig = new JobRig(server);
        var release = new TaskCompletionSource();
        rig.Start(async (_, job, _) =>
        {
            await job.ReportProgressAsync(12.5, "reading the file");
            await release.Task;
            return JobOutcome.Done();
        });
        const string traceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        var request = JobRig.Type.Request(new Work("all of it"), new JobOptions { UniqueKey = "a key", Priority = JobPriority.Low, MaxAttempts = 7 }) with { TraceParent = traceParent };

        await rig.Jobs.EnqueueAsync([request], Ct);
        var job = (await Eventually.BecomesAsync(() => rig.Inspector.GetAsync(JobRig.Queue, request.Id, Ct), static job => job?.Progress is not null, "it reports its progress"))!;
        release.SetResult();
        await rig.SettledAsync();

        Assert.Equal((request.Id, JobRig.Queue, "work", JobState.Running, JobPriority.Low, 1, 7), (job.Id, job.Queue, job.Type, job.State, job.Priority, job.Attempt, job.MaxAttempts));
        Assert.Equal(("one", "a key", traceParent, """{"Text":"all of it"}"""), (job.Worker, job.UniqueKey, job.TraceParent, job.Arguments));
        Assert.Equal((12.5, "reading the file"), (job.Progress!.Percent, job.Progress.Message));
        Assert.True(job.EnqueuedAt <= job.StartedAt!.Value.AddMilliseconds(1) && job.StartedAt <= job.Progress.At.AddMilliseconds(1));
        Assert.Null(job.FinishedAt);
        Assert.Empty(await rig.KeysWithJobsAsync());
    }

    [Fact]
    public async Task Whoever_watches_a_job_sees_its_progress_and_its_end_as_they_happen()
    {
        await using var rig = new JobRig(server);
        var steps = new SemaphoreSlim(0);
        rig.Start(async (_, job, cancellation) =>
        {
            for (var percent = 25; percent < 100; percent += 25)
            {
                await steps.WaitAsync(cancellation);
                await job.ReportProgressAsync(percent);
            }

            await steps.WaitAsync(cancellation);
            return JobOutcome.Done();
        });
        var id = await rig.EnqueueAsync(options: new JobOptions { KeepSucceeded = TimeSpan.FromHours(1) });
        await rig.BeganAsync(1);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));

        List<string> seen = [];
        await foreach (var job in rig.Inspector.WatchAsync(JobRig.Queue, id, deadline.Token))
        {
            seen.Add($"{job.State} {job.Progress?.Percent}");
            steps.Release();
        }

        Assert.Equal(["Running ", "Running 25", "Running 50", "Running 75", "Succeeded 75"], seen);
    }

    [Fact]
    public async Task A_cursor_from_elsewhere_is_refused_with_its_value()
    {
        await using var rig = new JobRig(server);

        var wrong = await Assert.ThrowsAsync<FormatException>(() => rig.Inspector.ListAsync(JobRig.Queue, JobState.Queued, after: "7", ct: Ct));
        Assert.Contains("'7'", wrong.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<FormatException>(() => rig.Inspector.ListAsync(JobRig.Queue, JobState.Dead, after: "2:1-0", ct: Ct));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => rig.Inspector.ListAsync(JobRig.Queue, JobState.Dead, take: 501, ct: Ct));
    }

    [Fact]
    public async Task Queues_with_workers_are_listed_by_name()
    {
        await using var rig = new JobRig(server);
        rig.Start();

        await Eventually.TrueAsync(async () => await rig.Inspector.QueuesAsync(Ct) is [JobRig.Queue], "the queue is listed");
    }

    private static async Task<List<string>> ListAsync(JobRig rig, JobState state)
    {
        List<string> texts = [];
        string? after = null;
        do
        {
            var page = await rig.Inspector.ListAsync(JobRig.Queue, state, after, take: 2, Ct);
            Assert.InRange(page.Jobs.Count, 0, 2);
            Assert.All(page.Jobs, job => Assert.Equal(state, job.State));
            texts.AddRange(page.Jobs.Select(static job => job.Arguments[9..^2]));
            after = page.Next;
        }
        while (after is not null);
        return texts;
    }
}

public sealed class InspectionOnOneServer(OwnRedis server) : InspectionTests(server), IClassFixture<OwnRedis>;

public sealed class InspectionOnACluster(ClusterRedis server) : InspectionTests(server);
