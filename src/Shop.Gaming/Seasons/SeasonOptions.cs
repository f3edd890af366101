using Shop.Redis.Jobs;

namespace Shop.Gaming.Seasons;

/// <summary>When seasons are closed, and what their winners get. Section <c>Shop:Gaming:Seasons</c>.</summary>
public sealed class SeasonOptions
{
    /// <summary>When the month before is closed: a cron expression, in UTC. Default 00:10 on the 1st, which leaves late scores ten minutes to arrive.</summary>
    public string Cron { get; set; } = "10 0 1 * *";

    /// <summary>When to look for a month that was not closed, because nobody was there or Redis forgot its schedules. Default 01:10 every day; nothing happens on most of them.</summary>
    public string CatchUpCron { get; set; } = "10 1 * * *";

    /// <summary>Loyalty points for the first, the second and so on. Default 100, 50 and 25.</summary>
    public IReadOnlyList<long> Awards { get; set; } = [];

    /// <summary>A game that fewer customers played in a season awards nothing. Default 3, so that nobody wins by playing alone; 0 and 1 award always.</summary>
    public long MinPlayers { get; set; } = 3;

    internal IReadOnlyList<long> AwardsOrDefault => Awards.Count > 0 ? Awards : [100, 50, 25];

    internal CronSchedule Closing => new("close-season", Cron) { MissedTicks = MissedTicks.RunLast };

    internal CronSchedule CatchUp => new("close-missed-season", CatchUpCron) { MissedTicks = MissedTicks.RunLast };
}
