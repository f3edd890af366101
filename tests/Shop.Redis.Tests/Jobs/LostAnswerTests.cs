using Shop.Redis.Jobs;
using Shop.Redis.Tests.Locks;
using Shop.Testing;
using StackExchange.Redis;
using Xunit;

namespace Shop.Redis.Tests.Jobs;

/// <summary>Redis did what it was asked to, and nobody heard it say so.</summary>
public sealed class LostAnswerTests(OwnRedis server) : IClassFixture<OwnRedis>
{
    private const int EndRefused = 8;
    private const int GaveBackUnseen = 14;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Jobs_of_a_fetch_whose_answer_was_lost_are_given_back_and_run_with_no_attempt_used_up()
    {
        await using var proxy = new LossyProxy(Port);
        await using var lossy = await ConnectionMultiplexer.ConnectAsync(proxy.ConnectionString);
        await using var rig = new JobRig(server);
        rig.Start(options: new JobWorkerOptions { Queue = JobRig.Queue, Worker = "one", Lease = TimeSpan.FromMinutes(10) }, ownConnection: lossy);
        await rig.EnqueueAsync("before");
        await rig.BeganAsync(1);
        await rig.SettledAsync();

        proxy.LoseReplies();
        await rig.EnqueueAsync(["1", "2", "3"]);
        await Eventually.TrueAsync(async () => await rig.FactsAsync() is { Running: 3 }, "they are given out to a worker that does not know");
        proxy.CutAndHeal();
        await rig.SettledAsync();

        Assert.Equal(["1", "2", "3", "before"], rig.BeganTexts.Order());
        Assert.All(rig.Began, static one => Assert.Equal(1, one.Attempt));
        await rig.LoggedAsync(GaveBackUnseen);
    }

    [Fact]
    public async Task An_attempt_that_lost_its_lease_is_used_up_also_when_the_answers_are_lost_that_would_have_kept_it()
    {
        await using var proxy = new LossyProxy(Port);
        await using var lossy = await ConnectionMultiplexer.ConnectAsync(proxy.ConnectionString);
        await using var rig = new JobRig(server);
        var ended = new TaskCompletionSource<JobStop>();
        rig.Start(
            async (work, job, cancellation) =>
            {
                if (work.Text != "long" || job.Attempt > 1)
                    return JobOutcome.Done();
                await using var registered = cancellation.Register(() => ended.TrySetResult(job.StopReason));
                await ended.Task;
                throw new OperationCanceledException(cancellation);
            },
            new JobWorkerOptions { Queue = JobRig.Queue, Worker = "one", Lease = TimeSpan.FromSeconds(3) },
            ownConnection: lossy);
        await rig.EnqueueAsync("before"); // Redis knows the scripts
        await rig.BeganAsync(1);
        await rig.SettledAsync();
        await rig.EnqueueAsync("long");
        await rig.BeganAsync(2);

        proxy.LoseReplies();
        await rig.EnqueueAsync("unseen");
        await Eventually.TrueAsync(async () => await rig.FactsAsync() is { Running: 2 }, "it is given out to a worker that does not know");
        Assert.Equal(JobStop.LeaseLost, await ended.Task.WaitAsync(TimeSpan.FromSeconds(60), Ct));
        proxy.CutAndHeal();
        await rig.BeganAsync(4, TimeSpan.FromSeconds(60));
        await rig.SettledAsync();

        Assert.Equal([("long", 1), ("long", 2)], rig.Began.Where(static one => one.Text == "long").Select(static one => (one.Text, one.Attempt)));
    }

    [Fact]
    public async Task A_completion_whose_answer_was_lost_is_recorded_once()
    {
        await using var proxy = new LossyProxy(Port);
        await using var lossy = await ConnectionMultiplexer.ConnectAsync(proxy.ConnectionString);
        await using var rig = new JobRig(server);
        var release = new TaskCompletionSource();
        rig.Start(
            async (work, _, _) => { if (work.Text is not "before") await release.Task; return JobOutcome.Done(); },
            new JobWorkerOptions { Queue = JobRig.Queue, Worker = "one", Lease = TimeSpan.FromMinutes(10) },
            ownConnection: lossy);
        await rig.EnqueueAsync("before"); // Redis now holds the script: the answer that is lost must not be that it knows none.
        await rig.BeganAsync(1);
        await rig.SettledAsync();
        await rig.EnqueueAsync(["1", "2"]);
        await rig.EnqueueAsync("3", new JobOptions { KeepSucceeded = TimeSpan.FromHours(1) });
        await rig.BeganAsync(4);

        proxy.LoseReplies();
        release.SetResult();
        await Eventually.TrueAsync(async () => await rig.FactsAsync() is { Running: < 3 }, "a completion is recorded, and its worker does not know");
        proxy.CutAndHeal();
        await rig.EnqueueAsync("after");
        await rig.BeganAsync(5, TimeSpan.FromSeconds(60));
        await rig.SettledAsync();

        Assert.Equal(["1", "2", "3", "after", "before"], rig.BeganTexts.Order());
        Assert.DoesNotContain(rig.Logs, static line => line.Event.Id == EndRefused);
    }

    [Fact]
    public async Task Enqueueing_again_after_a_lost_answer_enqueues_once()
    {
        await using var proxy = new LossyProxy(Port);
        await using var lossy = await ConnectionMultiplexer.ConnectAsync(proxy.ConnectionString);
        await using var rig = new JobRig(server);
        var jobs = new JobQueues(lossy, rig.Prefix);
        var request = JobRig.Type.Request(new Work("once"));
        await jobs.EnqueueAsync([JobRig.Type.Request(new Work("before"))], Ct);

        proxy.LoseReplies();
        var lost = jobs.EnqueueAsync([request], Ct);
        await Eventually.TrueAsync(async () => await rig.FactsAsync() is { Queued: 2 }, "it arrived");
        proxy.CutAndHeal();
        await Assert.ThrowsAnyAsync<Exception>(() => lost);
        var again = await Eventually.BecomesAsync(() => TryAsync(jobs, request), static answer => answer is not null, "Redis answers again");

        Assert.Equal(new EnqueuedJob(request.Id, IsNew: false), again);
        Assert.Equal(2, (await rig.FactsAsync()).Queued);
    }

    private int Port => ((System.Net.DnsEndPoint)server.Connection.GetEndPoints()[0]).Port;

    private static async Task<EnqueuedJob?> TryAsync(JobQueues jobs, JobRequest request)
    {
        try
        {
            return (await jobs.EnqueueAsync([request], Ct))[0];
        }
        catch (RedisException)
        {
            return null;
        }
    }
}
