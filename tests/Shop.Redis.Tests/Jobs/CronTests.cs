using System.Collections.Concurrent;
using Shop.Redis.Jobs;
using Shop.Testing;
using Xunit;

namespace Shop.Redis.Tests.Jobs;

public abstract class CronTests(ITestRedis server)
{
    private const int ScheduleFailed = 17;

    private static readonly CronSchedule EverySecond = new("tick", "* * * * * *");

    [Fact]
    public async Task Three_schedulers_run_each_tick_once()
    {
        await using var rig = new JobRig(server);
        var ticks = new ConcurrentQueue<DateTimeOffset>();
        for (var i = 0; i < 3; i++)
        {
            var connection = await server.ConnectAsync();
            rig.Own(connection);
            rig.Start(Noting(ticks), JobRig.Options($"{i}"), Scheduled(EverySecond), connection);
        }

        await rig.BeganAsync(4, TimeSpan.FromSeconds(60));
        var seen = ticks.ToArray();

        Assert.Equal(seen.Distinct(), seen);
        Assert.All(seen, static tick => Assert.Equal(0, tick.Millisecond));
        Assert.Equal(seen.Order().Select(static tick => tick.ToString("O")), rig.BeganTexts[..seen.Length].Order());
        Assert.Equal(seen.Length, (seen.Max() - seen.Min()).TotalSeconds + 1); // none was left out
    }

    [Theory]
    [InlineData(MissedTicks.RunLast, 1)]
    [InlineData(MissedTicks.RunAll, 5)]
    [InlineData(MissedTicks.Skip, 0)]
    public async Task Ticks_that_nobody_was_there_for_are_treated_as_the_schedule_says(MissedTicks policy, int expected)
    {
        await using var rig = new JobRig(server);
        var now = TimeProvider.System.GetUtcNow();
        var schedule = new CronSchedule("hourly", $"{now.AddMinutes(30).Minute} * * * *") { MissedTicks = policy }; // half an hour from the next tick and the last
        await rig.Database.HashSetAsync(new JobKeys(rig.Prefix, JobRig.Queue).Cron[0], "hourly", now.AddHours(-5).ToUnixTimeMilliseconds());
        var ticks = new ConcurrentQueue<DateTimeOffset>();

        for (var i = 0; i < 2; i++)
            rig.Start(Noting(ticks), JobRig.Options($"{i}"), Scheduled(schedule));
        await rig.BeganAsync(expected);
        await Eventually.TrueAsync(
            async () => (long)await rig.Database.HashGetAsync(new JobKeys(rig.Prefix, JobRig.Queue).Cron[0], "hourly") > now.AddHours(-1).ToUnixTimeMilliseconds(), "the missed ticks are settled");
        await rig.SettledAsync();

        Assert.Equal(expected, ticks.Distinct().Count());
        Assert.Equal(expected, ticks.Count);
    }

    [Fact]
    public async Task A_schedule_that_is_new_begins_with_its_next_tick()
    {
        await using var rig = new JobRig(server);
        var before = TimeProvider.System.GetUtcNow();
        var ticks = new ConcurrentQueue<DateTimeOffset>();
        rig.Start(Noting(ticks), handlers: Scheduled(EverySecond));

        await rig.BeganAsync(1);

        Assert.True(ticks.First() > before.AddSeconds(-1));
    }

    [Fact]
    public async Task A_unique_key_passes_a_tick_over_while_the_last_one_s_job_runs()
    {
        await using var rig = new JobRig(server);
        var release = new TaskCompletionSource();
        var handlers = new JobHandlers().Cron(EverySecond, JobRig.Type, static tick => new Work($"{tick:O}"), new JobOptions { UniqueKey = "one at a time" });
        rig.Start(async (_, _, _) => { await release.Task; return JobOutcome.Done(); }, handlers: handlers);
        await rig.BeganAsync(1);
        var first = DateTimeOffset.Parse(rig.BeganTexts[0], System.Globalization.CultureInfo.InvariantCulture);

        await Eventually.TrueAsync(
            async () => (long)await rig.Database.HashGetAsync(new JobKeys(rig.Prefix, JobRig.Queue).Cron[0], "tick") >= first.AddSeconds(2).ToUnixTimeMilliseconds(), "two more ticks are settled");
        var began = rig.Began.Count;
        release.SetResult();

        Assert.Equal(1, began);
    }

    [Fact]
    public async Task Arguments_that_cannot_be_made_hold_up_neither_the_worker_nor_other_schedules()
    {
        await using var rig = new JobRig(server);
        var handlers = Scheduled(EverySecond).Cron(new CronSchedule("bad", "* * * * * *"), JobRig.Type, static _ => throw new InvalidOperationException("no arguments"));
        rig.Start(handlers: handlers);

        await rig.BeganAsync(2);
        await rig.LoggedAsync(ScheduleFailed);
    }

    private static JobHandlers Scheduled(CronSchedule schedule) => new JobHandlers().Cron(schedule, JobRig.Type, static tick => new Work(tick.ToString("O")));

    private static JobHandler<Work> Noting(ConcurrentQueue<DateTimeOffset> ticks) => (_, job, _) =>
    {
        ticks.Enqueue(job.Tick!.Value);
        return ValueTask.FromResult(JobOutcome.Done());
    };
}

public sealed class CronOnOneServer(OwnRedis server) : CronTests(server), IClassFixture<OwnRedis>;

public sealed class CronOnACluster(ClusterRedis server) : CronTests(server);
