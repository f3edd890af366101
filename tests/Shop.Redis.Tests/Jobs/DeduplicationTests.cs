using Shop.Redis.Jobs;
using Shop.Testing;
using Xunit;

namespace Shop.Redis.Tests.Jobs;

public abstract class DeduplicationTests(ITestRedis server)
{
    private static readonly JobOptions Keyed = new() { UniqueKey = "order 42" };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_many_that_enqueue_the_same_key_at_once_one_wins_and_the_others_get_its_id()
    {
        await using var rig = new JobRig(server);

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => rig.Jobs.EnqueueAsync(JobRig.Type, new Work("job"), Keyed, Ct)));

        Assert.Single(answers, static answer => answer.IsNew);
        Assert.Single(answers.Select(static answer => answer.Id).Distinct());
        Assert.Equal(1, (await rig.FactsAsync()).Queued);
    }

    [Fact]
    public async Task A_key_holds_while_its_job_is_scheduled_queued_and_running_and_no_longer()
    {
        await using var rig = new JobRig(server);
        var release = new TaskCompletionSource();
        var first = await rig.EnqueueAsync("first", Keyed with { Delay = TimeSpan.FromMilliseconds(300) });
        Assert.Equal(first, await rig.EnqueueAsync("while scheduled", Keyed));
        rig.Start(async (_, _, _) => { await release.Task; return JobOutcome.Done(); });
        await rig.BeganAsync(1);
        Assert.Equal(first, await rig.EnqueueAsync("while running", Keyed));
        release.SetResult();
        await rig.IsGoneAsync(first);

        var second = await rig.EnqueueAsync("afterwards", Keyed);
        await rig.SettledAsync();

        Assert.NotEqual(first, second);
        Assert.Equal(["first", "afterwards"], rig.BeganTexts);
        Assert.Empty(await rig.KeysWithJobsAsync());
    }

    [Fact]
    public async Task A_key_holds_for_a_time_after_success_if_asked_to()
    {
        await using var rig = new JobRig(server);
        rig.Start();
        var options = Keyed with { UniqueFor = TimeSpan.FromSeconds(2) };
        var first = await rig.EnqueueAsync("first", options);
        await rig.SettledAsync();

        Assert.Equal(new EnqueuedJob(first, IsNew: false), await rig.Jobs.EnqueueAsync(JobRig.Type, new Work("too soon"), options, Ct));
        await Eventually.TrueAsync(async () => (await rig.Jobs.EnqueueAsync(JobRig.Type, new Work("later"), Keyed, Ct)).IsNew, "the key lapses");
        await rig.SettledAsync();

        Assert.Equal(["first", "later"], rig.BeganTexts);
        await Eventually.TrueAsync(async () => await rig.KeysWithJobsAsync() is [], "nothing is left of the key");
    }

    [Fact]
    public async Task A_job_that_dies_or_is_cancelled_frees_its_key()
    {
        await using var rig = new JobRig(server);
        rig.Start(static (work, _, _) => work.Text == "dies" ? throw new InvalidOperationException("no") : ValueTask.FromResult(JobOutcome.Cancel("no use")));
        var options = Keyed with { MaxAttempts = 1, UniqueFor = TimeSpan.FromHours(1) };
        var dead = await rig.EnqueueAsync("dies", options);
        await rig.IsAsync(dead, JobState.Dead);

        var cancelled = await rig.EnqueueAsync("is cancelled", options);
        await rig.IsAsync(cancelled, JobState.Cancelled);

        Assert.True((await rig.Jobs.EnqueueAsync(JobRig.Type, new Work("next"), options with { Delay = TimeSpan.FromHours(1) }, Ct)).IsNew);
        Assert.Equal(JobChange.Duplicate, await rig.Jobs.RetryAsync(JobRig.Queue, dead, Ct)); // the next one has the key now
    }

    [Fact]
    public async Task A_dead_job_that_is_retried_takes_its_key_again()
    {
        await using var rig = new JobRig(server);
        await using (var failing = rig.Start(static (_, _, _) => throw new InvalidOperationException("no")))
            await rig.IsAsync(await rig.EnqueueAsync("dies", Keyed with { MaxAttempts = 1, Id = Guid.CreateVersion7() }), JobState.Dead);
        var dead = rig.Began.Single().Id;

        Assert.Equal(JobChange.Done, await rig.Jobs.RetryAsync(JobRig.Queue, dead, Ct));

        Assert.Equal(new EnqueuedJob(dead, IsNew: false), await rig.Jobs.EnqueueAsync(JobRig.Type, new Work("another"), Keyed, Ct));
    }

    [Fact]
    public async Task An_id_is_enqueued_once_while_it_is_known_also_within_one_call()
    {
        await using var rig = new JobRig(server);
        var request = JobRig.Type.Request(new Work("job"));

        var answers = await rig.Jobs.EnqueueAsync([request, request], Ct);
        var again = await rig.Jobs.EnqueueAsync([request], Ct);

        Assert.Equal([true, false], answers.Select(static answer => answer.IsNew));
        Assert.Equal([new EnqueuedJob(request.Id, IsNew: false)], again);
        Assert.Equal(1, (await rig.FactsAsync()).Queued);
    }
}

public sealed class DeduplicationOnOneServer(OwnRedis server) : DeduplicationTests(server), IClassFixture<OwnRedis>;

public sealed class DeduplicationOnACluster(ClusterRedis server) : DeduplicationTests(server);
