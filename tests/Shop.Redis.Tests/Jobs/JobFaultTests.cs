using System.Globalization;
using Shop.Redis.Jobs;
using Shop.Testing;
using StackExchange.Redis;
using Xunit;

namespace Shop.Redis.Tests.Jobs;

/// <summary>Jobs on a Redis that is wiped, stopped or paused.</summary>
public sealed class JobFaultTests
{
    private const int RedisAway = 2;
    private const int QueueLost = 4;
    private const int LeaseLost = 7;
    private const int EndRefused = 8;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_wipe_loses_what_is_in_redis_tells_running_jobs_and_the_queue_goes_on()
    {
        await using var server = await RedisFixture.StartServerAsync(persistent: false);
        await using var connection = await RedisFixture.ConnectAsync(server);
        await using var rig = new JobRig(connection);
        var stopped = new TaskCompletionSource<JobStop>();
        rig.Start(
            async (work, job, cancellation) =>
            {
                if (work.Text == "running")
                {
                    await using var registered = cancellation.Register(() => stopped.TrySetResult(job.StopReason));
                    await stopped.Task;
                }

                return JobOutcome.Done();
            },
            JobRig.Options(concurrency: 2));
        var lost = await rig.EnqueueAsync("running");
        await rig.BeganAsync(1);
        await rig.EnqueueAsync("scheduled", new JobOptions { Delay = TimeSpan.FromHours(1) });

        await rig.Database.ExecuteAsync("FLUSHALL");

        Assert.Equal(JobStop.LeaseLost, await stopped.Task.WaitAsync(TimeSpan.FromSeconds(40), Ct));
        await rig.LoggedAsync(QueueLost);
        await rig.LoggedAsync(EndRefused);
        var again = await rig.Jobs.EnqueueAsync(JobRig.Type, new Work("after"), new JobOptions { Id = lost }, Ct);
        Assert.True(again.IsNew); // it was forgotten: what comes back through an outbox runs again
        await rig.SettledAsync();
        Assert.Equal(["running", "after"], rig.BeganTexts);
        Assert.Empty(await rig.KeysWithJobsAsync());
    }

    [Fact]
    public async Task A_wipe_between_two_ticks_neither_loses_nor_repeats_one()
    {
        await using var server = await RedisFixture.StartServerAsync(persistent: false);
        await using var connection = await RedisFixture.ConnectAsync(server);
        await using var rig = new JobRig(connection);
        var schedule = new CronSchedule("tick", "*/3 * * * * *");
        for (var i = 0; i < 2; i++)
            rig.Start(options: JobRig.Options($"{i}"), handlers: new JobHandlers().Cron(schedule, JobRig.Type, static tick => new Work(tick.ToString("O"))));
        await rig.BeganAsync(1, TimeSpan.FromSeconds(60));

        // Both have looked at the tick by the middle between it and the next.
        var cron = new JobKeys(rig.Prefix, JobRig.Queue).Cron[0];
        await Eventually.TrueAsync(
            async () => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() - (long)await rig.Database.HashGetAsync(cron, "tick") is > 1200 and < 1800, "the middle between two ticks", TimeSpan.FromSeconds(60));
        await rig.Database.ExecuteAsync("FLUSHALL");
        var before = rig.Began.Count;
        await rig.BeganAsync(before + 3, TimeSpan.FromSeconds(60));

        var texts = rig.BeganTexts;
        Assert.Equal(texts.Distinct(), texts);
        var times = texts.Select(static text => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture)).Order().ToArray();
        Assert.Equal(3 * (times.Length - 1), (times[^1] - times[0]).TotalSeconds);
    }

    [Fact]
    public async Task A_redis_that_stops_and_starts_again_loses_no_job_and_fills_no_log()
    {
        await using var server = await RedisFixture.StartServerAsync();
        await using var connection = await RedisFixture.ConnectAsync(server);
        await using var rig = new JobRig(connection);
        rig.Start(static async (_, _, _) => { await Task.Yield(); return JobOutcome.Done(); });
        await rig.EnqueueAsync(Enumerable.Range(0, 3000).Select(static n => $"{n}"));
        await rig.BeganAsync(100);

        await server.StopAsync();
        await rig.LoggedAsync(RedisAway);
        await Assert.ThrowsAnyAsync<RedisException>(() => rig.EnqueueAsync("while it is away"));
        await server.StartAsync(Ct);
        await rig.SettledAsync();
        await rig.EnqueueAsync("after");
        await rig.SettledAsync();

        Assert.Equal(3001, rig.BeganTexts.Except(["while it is away"]).Distinct().Count());
        Assert.InRange(rig.Logs.Count(static line => line.Event.Id == RedisAway), 1, 7); // once for each role
    }

    [Fact]
    public async Task A_redis_that_hangs_for_longer_than_a_lease_ends_the_attempts_and_loses_no_job()
    {
        await using var server = await RedisFixture.StartServerAsync(persistent: false);
        var options = ConfigurationOptions.Parse(server.ConnectionString);
        (options.AsyncTimeout, options.AbortOnConnectFail) = (500, false);
        await using var connection = await ConnectionMultiplexer.ConnectAsync(options);
        await using var rig = new JobRig(connection);
        var stopped = new TaskCompletionSource<JobStop>();
        rig.Start(async (work, job, cancellation) =>
        {
            if (work.Text == "long" && job.Attempt == 1)
            {
                await using var registered = cancellation.Register(() => stopped.TrySetResult(job.StopReason));
                await stopped.Task;
                throw new OperationCanceledException(cancellation);
            }

            return JobOutcome.Done();
        });
        var id = await rig.EnqueueAsync("long");
        await rig.BeganAsync(1);

        server.Pause();
        var reason = await stopped.Task.WaitAsync(TimeSpan.FromSeconds(60), Ct);
        var unsure = new JobOptions { Id = Guid.CreateVersion7(), KeepSucceeded = TimeSpan.FromHours(1) };
        var refusal = await Assert.ThrowsAnyAsync<Exception>(() => rig.EnqueueAsync("after", unsure).WaitAsync(TimeSpan.FromSeconds(30), Ct));
        Assert.True(refusal is RedisTimeoutException or RedisConnectionException, refusal.ToString());
        server.Resume();
        await Eventually.TrueAsync(() => TryEnqueueAsync(rig.Jobs, JobRig.Type.Request(new Work("after"), unsure)), "Redis takes jobs again");
        await rig.BeganAsync(3, TimeSpan.FromSeconds(60));
        await rig.SettledAsync();

        Assert.Equal(JobStop.LeaseLost, reason);
        await rig.LoggedAsync(LeaseLost);
        Assert.Equal([("long", 1), ("long", 2)], rig.Began.Where(one => one.Id == id).Select(static one => (one.Text, one.Attempt)));
        Assert.Single(rig.BeganTexts, "after"); // whether or not Redis had taken the job that it did not answer for
    }

    private static async Task<bool> TryEnqueueAsync(JobQueues jobs, JobRequest request)
    {
        try
        {
            await jobs.EnqueueAsync([request], Ct);
            return true;
        }
        catch (Exception exception) when (exception is RedisException or RedisTimeoutException)
        {
            return false;
        }
    }
}
