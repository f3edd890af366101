using Shop.Redis.Jobs;
using Shop.Testing;
using Xunit;

namespace Shop.Redis.Tests.Jobs;

public abstract class FailingTests(ITestRedis server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_that_fails_is_tried_again_and_its_history_goes_with_its_success()
    {
        await using var rig = new JobRig(server);
        rig.Start(static (_, job, _) => job.Attempt < 3 ? throw new InvalidOperationException("not yet") : ValueTask.FromResult(JobOutcome.Done()));

        await rig.EnqueueAsync();
        await rig.BeganAsync(3);
        await rig.SettledAsync();

        Assert.Equal([1, 2, 3], rig.Began.Select(static one => one.Attempt));
        Assert.Empty(await rig.KeysWithJobsAsync());
    }

    [Fact]
    public async Task After_its_last_attempt_a_job_is_dead_with_the_error_of_each()
    {
        await using var rig = new JobRig(server);
        rig.Start(static (_, job, _) => job.Attempt == 2 ? ValueTask.FromResult(JobOutcome.Retry("no answer")) : throw new InvalidOperationException($"failure\n{job.Attempt}"));

        var id = await rig.EnqueueAsync();
        var dead = await rig.IsAsync(id, JobState.Dead);

        Assert.Equal((3, 3), (dead.Attempt, dead.MaxAttempts));
        Assert.Equal([1, 2, 3], dead.FailedAttempts.Select(static attempt => attempt.Attempt));
        Assert.Contains("InvalidOperationException: failure\n1", dead.FailedAttempts[0].Error, StringComparison.Ordinal);
        Assert.Equal("no answer", dead.FailedAttempts[1].Error);
        Assert.All(dead.FailedAttempts, attempt => Assert.True(attempt.Worker == "one" && attempt.StartedAt >= dead.EnqueuedAt && attempt.EndedAt >= attempt.StartedAt));
        Assert.Equal(TimeSpan.FromDays(30), dead.ExpiresAt - dead.FinishedAt);
        Assert.Equal("""{"Text":"job"}""", dead.Arguments);
    }

    [Fact]
    public async Task A_dead_job_can_be_retried_and_has_all_its_attempts_again()
    {
        await using var rig = new JobRig(server);
        rig.Start(static (_, _, _) => throw new InvalidOperationException("no"));
        var id = await rig.EnqueueAsync();
        await rig.IsAsync(id, JobState.Dead);

        Assert.Equal(JobChange.Done, await rig.Jobs.RetryAsync(JobRig.Queue, id, Ct));
        await rig.BeganAsync(6);
        var dead = await rig.IsAsync(id, JobState.Dead);

        Assert.Equal([1, 2, 3, 1, 2, 3], rig.Began.Select(static one => one.Attempt));
        Assert.Equal(6, dead.FailedAttempts.Count);
    }

    [Fact]
    public async Task Between_two_attempts_a_job_waits_among_the_scheduled()
    {
        await using var rig = new JobRig(server);
        rig.Start(static (_, _, _) => ValueTask.FromResult(JobOutcome.Retry("later", after: TimeSpan.FromHours(1))));

        var id = await rig.EnqueueAsync();
        var waiting = await rig.IsAsync(id, JobState.Scheduled);

        Assert.Equal(2, waiting.Attempt);
        Assert.Equal(TimeSpan.FromHours(1), waiting.DueAt - Assert.Single(waiting.FailedAttempts).EndedAt);
    }

    [Fact]
    public async Task An_attempt_that_takes_too_long_is_cancelled_and_has_failed()
    {
        await using var rig = new JobRig(server);
        var reasons = new List<JobStop>();
        rig.Start(async (_, job, cancellation) =>
        {
            var stopped = new TaskCompletionSource();
            await using var registered = cancellation.Register(stopped.SetResult);
            await stopped.Task;
            reasons.Add(job.StopReason);
            throw new TimeoutException("a library's way to say so");
        });

        var id = await rig.EnqueueAsync(options: new JobOptions { Timeout = TimeSpan.FromMilliseconds(50), MaxAttempts = 1 });
        var dead = await rig.IsAsync(id, JobState.Dead);

        Assert.Equal([JobStop.TimedOut], reasons);
        Assert.Equal("The attempt took longer than its time-out of 00:00:00.0500000.", Assert.Single(dead.FailedAttempts).Error);
    }

    [Fact]
    public async Task A_handler_can_cancel_its_job_for_good()
    {
        await using var rig = new JobRig(server);
        rig.Start(static (_, _, _) => ValueTask.FromResult(JobOutcome.Cancel("the order is gone")));

        var id = await rig.EnqueueAsync();
        var cancelled = await rig.IsAsync(id, JobState.Cancelled);

        Assert.Equal(("the order is gone", 1), (cancelled.CancelReason, rig.Began.Count));
        Assert.Equal(TimeSpan.FromDays(1), cancelled.ExpiresAt - cancelled.FinishedAt);
    }

    [Fact]
    public async Task A_dead_job_is_forgotten_when_its_time_is_up_or_somebody_drops_it()
    {
        await using var rig = new JobRig(server);
        rig.Start(
            static (_, _, _) => throw new InvalidOperationException("no"),
            new JobWorkerOptions { Queue = JobRig.Queue, KeepDead = TimeSpan.FromSeconds(3), JanitorInterval = TimeSpan.FromMilliseconds(100) });
        var first = await rig.EnqueueAsync(options: new JobOptions { MaxAttempts = 1 });
        var second = await rig.EnqueueAsync(options: new JobOptions { MaxAttempts = 1 });
        await rig.IsAsync(first, JobState.Dead);
        await rig.IsAsync(second, JobState.Dead);

        Assert.Equal(JobChange.Done, await rig.Jobs.DropAsync(JobRig.Queue, first, Ct));
        Assert.Equal(JobChange.NotFound, await rig.Jobs.DropAsync(JobRig.Queue, first, Ct));
        await rig.IsGoneAsync(second);

        await Eventually.TrueAsync(async () => await rig.KeysWithJobsAsync() is [], "the janitor has forgotten it");
    }

    [Fact]
    public async Task Errors_of_any_length_are_kept_within_bounds()
    {
        await using var rig = new JobRig(server);
        rig.Start(static (_, _, _) => throw new InvalidOperationException(new string('x', 100_000)));

        var id = await rig.EnqueueAsync(options: new JobOptions { MaxAttempts = 12 });
        var dead = await rig.IsAsync(id, JobState.Dead);

        Assert.InRange(dead.FailedAttempts.Sum(static attempt => attempt.Error.Length), 1, 64 * 1024);
        Assert.Equal(12, dead.FailedAttempts[^1].Attempt);
    }
}

public sealed class FailingOnOneServer(OwnRedis server) : FailingTests(server), IClassFixture<OwnRedis>;

public sealed class FailingOnACluster(ClusterRedis server) : FailingTests(server);
