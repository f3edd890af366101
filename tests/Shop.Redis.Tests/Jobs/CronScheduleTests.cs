using System.Globalization;
using Shop.Redis.Jobs;
using Xunit;

namespace Shop.Redis.Tests.Jobs;

public sealed class CronScheduleTests
{
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    [Theory]
    [InlineData("2026-03-28T00:00Z", "2026-03-28T01:30Z", "2026-03-29T01:00Z", "2026-03-30T00:30Z")] // clocks go forward at 02:00: 02:30 does not exist, 03:00 is the first that does
    [InlineData("2026-10-24T00:00Z", "2026-10-24T00:30Z", "2026-10-25T00:30Z", "2026-10-26T01:30Z")] // clocks go back at 03:00: 02:30 comes twice, and the first counts
    public void Half_past_two_at_night_comes_once_a_day_when_the_clocks_change(string after, string first, string second, string third)
    {
        var schedule = new CronSchedule("nightly", "30 2 * * *") { TimeZone = Berlin };

        var ticks = new List<DateTimeOffset?> { schedule.NextAfter(At(after)) };
        ticks.Add(schedule.NextAfter(ticks[0]!.Value));
        ticks.Add(schedule.NextAfter(ticks[1]!.Value));

        Assert.Equal([At(first), At(second), At(third)], ticks);
    }

    [Fact]
    public void A_tick_is_on_time_for_a_while_and_then_missed()
    {
        var schedule = new CronSchedule("every minute", "* * * * *") { MissedAfter = TimeSpan.FromMinutes(2), MissedTicks = MissedTicks.Skip };

        var due = schedule.Due(At("2026-01-01T00:00Z"), At("2026-01-01T00:05Z"));

        Assert.Equal([At("2026-01-01T00:03Z"), At("2026-01-01T00:04Z"), At("2026-01-01T00:05Z")], due.Run);
        Assert.Equal((2, At("2026-01-01T00:02Z")), (due.PassedOver, due.LastMissed));
    }

    [Fact]
    public void The_last_missed_tick_is_run_unless_one_has_come_since()
    {
        var schedule = new CronSchedule("hourly", "@hourly");

        Assert.Equal([At("2026-01-01T05:00Z")], schedule.Due(At("2026-01-01T00:00Z"), At("2026-01-01T05:30Z")).Run);
        Assert.Equal([At("2026-01-01T06:00Z")], schedule.Due(At("2026-01-01T00:00Z"), At("2026-01-01T06:00Z")).Run);
        Assert.Empty(schedule.Due(At("2026-01-01T05:00Z"), At("2026-01-01T05:59Z")).Run);
    }

    [Fact]
    public void Of_very_many_missed_ticks_the_last_hundred_are_run()
    {
        var schedule = new CronSchedule("every minute", "* * * * *") { MissedTicks = MissedTicks.RunAll, MissedAfter = TimeSpan.Zero };

        var due = schedule.Due(At("2026-01-01T00:00Z"), At("2026-01-01T05:00:30Z"));

        Assert.Equal((100, 200), (due.Run.Length, due.PassedOver));
        Assert.Equal(At("2026-01-01T05:00Z"), due.Run[^1]);
    }

    [Fact]
    public void An_expression_that_is_none_is_named()
    {
        var wrong = Assert.Throws<FormatException>(() => new CronSchedule("nightly", "61 * * * *"));

        Assert.Contains("nightly", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("61 * * * *", wrong.Message, StringComparison.Ordinal);
    }

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture);
}
