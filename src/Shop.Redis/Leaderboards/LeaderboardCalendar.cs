namespace Shop.Redis.Leaderboards;

/// <summary>One day, week, season, or all time.</summary>
/// <param name="Window">Which kind.</param>
/// <param name="Id">The part of its key's name.</param>
/// <param name="End">The first moment after it.</param>
internal readonly record struct LeaderboardPeriod(LeaderboardWindow Window, string Id, DateTimeOffset End);

/// <summary>Which periods a moment belongs to. Pure; UTC throughout.</summary>
internal sealed class LeaderboardCalendar(LeaderboardOptions options)
{
    /// <summary>The period of <paramref name="window"/> that contains <paramref name="at"/>; null between seasons.</summary>
    public LeaderboardPeriod? Period(LeaderboardWindow window, DateTimeOffset at)
    {
        switch (window)
        {
            case LeaderboardWindow.AllTime:
                return new LeaderboardPeriod(window, "all", DateTimeOffset.MaxValue);
            case LeaderboardWindow.Day:
                var day = Day(at);
                return new LeaderboardPeriod(window, $"day:{LeaderboardKeys.Text(day)}", End(day, 1));
            case LeaderboardWindow.Week:
                var monday = Monday(Day(at));
                return new LeaderboardPeriod(window, $"week:{LeaderboardKeys.Text(monday)}", End(monday, 7));
            default:
                foreach (var season in options.Seasons)
                {
                    if (season.Start <= at && at < season.End)
                        return new LeaderboardPeriod(window, $"season:{season.Id}", season.End);
                }

                return null;
        }
    }

    /// <summary>Every period that contains <paramref name="at"/> and is still kept at <paramref name="now"/>.</summary>
    public IEnumerable<LeaderboardPeriod> Periods(DateTimeOffset at, DateTimeOffset now)
    {
        foreach (var window in options.Windows)
        {
            if (Period(window, at) is { } period && TimeLeft(period, now) > TimeSpan.Zero)
                yield return period;
        }
    }

    /// <summary>The longest stretch round <paramref name="at"/> whose moments all belong to the same periods and the same day.</summary>
    public (DateTimeOffset From, DateTimeOffset Until) Stretch(DateTimeOffset at)
    {
        var day = Day(at);
        var (from, until) = (new DateTimeOffset(day, TimeSpan.Zero), End(day, 1));
        foreach (var edge in options.Seasons.SelectMany(static season => (DateTimeOffset[])[season.Start, season.End]))
        {
            if (edge <= at && edge > from)
                from = edge;
            else if (edge > at && edge < until)
                until = edge;
        }

        return (from, until);
    }

    /// <summary>Every period whose keys may exist at <paramref name="now"/>, with days to spare for clocks that differ.</summary>
    public IEnumerable<LeaderboardPeriod> Existing(DateTimeOffset now)
    {
        var spare = TimeSpan.FromDays(2);
        var first = Day(now - options.KeepEnded - spare);
        var last = Day(now + spare);
        foreach (var window in options.Windows)
        {
            if (window == LeaderboardWindow.Season)
            {
                foreach (var season in options.Seasons)
                    yield return new LeaderboardPeriod(window, $"season:{season.Id}", season.End);
                continue;
            }

            var step = window switch { LeaderboardWindow.Day => 1, LeaderboardWindow.Week => 7, _ => int.MaxValue };
            var from = new DateTimeOffset(window == LeaderboardWindow.Week ? Monday(first) : first, TimeSpan.Zero);
            for (var offset = 0L; offset <= (last - from.UtcDateTime).Days; offset += step)
                yield return Period(window, from.AddDays(offset))!.Value;
        }
    }

    /// <summary>How long <paramref name="period"/> is still kept; <see cref="TimeSpan.MaxValue"/> for all time.</summary>
    public TimeSpan TimeLeft(LeaderboardPeriod period, DateTimeOffset now) =>
        period.Window == LeaderboardWindow.AllTime ? TimeSpan.MaxValue : period.End - now + options.KeepEnded;

    /// <summary>The first day whose submissions' ids are remembered.</summary>
    public DateTime FirstRemembered(DateTimeOffset now) => Day(now - options.RememberSubmissions);

    /// <summary>How long the ids of <paramref name="day"/> are kept: three days more than needed, for clocks that differ and builds that take their time.</summary>
    public TimeSpan RememberFor(DateTime day, DateTimeOffset now) => End(day, 1) - now + options.RememberSubmissions + TimeSpan.FromDays(3);

    /// <summary>Every day whose ids may exist at <paramref name="now"/>.</summary>
    public IEnumerable<DateTime> DaysSeen(DateTimeOffset now)
    {
        for (var day = FirstRemembered(now).AddDays(-5); day <= Day(now).AddDays(2); day = day.AddDays(1))
            yield return day;
    }

    public static DateTime Day(DateTimeOffset at) => at.UtcDateTime.Date;

    private static DateTime Monday(DateTime day) =>
        day.AddDays(-(((int)day.DayOfWeek + 6) % 7));

    private static DateTimeOffset End(DateTime first, int days) => new(first.AddDays(days), TimeSpan.Zero);
}
