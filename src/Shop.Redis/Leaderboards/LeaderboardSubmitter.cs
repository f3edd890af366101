using StackExchange.Redis;

namespace Shop.Redis.Leaderboards;

/// <summary>Turns submissions into calls of submit.lua: the same for live ones and for a rebuild's.</summary>
internal sealed class LeaderboardSubmitter(LeaderboardOptions options, LeaderboardKeys keys, LeaderboardCalendar calendar, LeaderboardMarker marker)
{
    private const int FixedArguments = 9;

    private static readonly RedisScript Submit = RedisScript.Load<LeaderboardSubmitter>("order.lua", "submit.lua");

    private readonly RedisValue _mode = options.Mode.ToString().ToLowerInvariant();
    private readonly bool _dense = options.Ranking == LeaderboardRanking.Dense;
    private volatile Plan? _last;

    /// <summary>A live submission: goes in when the board is built or being built.</summary>
    public Task<RedisResult> SubmitAsync(IDatabase database, LeaderboardSubmission submission, DateTimeOffset now) =>
        SendAsync(database, submission, now, calendar.FirstRemembered(now), marker.Built, marker.AnyBuilding);

    /// <summary>A submission from the ledger: goes in only while this builder builds.</summary>
    public Task<RedisResult> FillAsync(IDatabase database, LeaderboardSubmission submission, DateTimeOffset now, DateTime firstRemembered, RedisValue building) =>
        SendAsync(database, submission, now, firstRemembered, building, building);

    private Task<RedisResult> SendAsync(IDatabase database, LeaderboardSubmission submission, DateTimeOffset now, DateTime firstRemembered, RedisValue state, RedisValue orStateBegins)
    {
        var plan = PlanFor(submission.At, now);
        var arguments = new RedisValue[FixedArguments + plan.Periods.Length];
        arguments[0] = state;
        arguments[1] = orStateBegins;
        arguments[2] = _mode;
        arguments[3] = _dense ? 1 : 0;
        arguments[4] = submission.Member;
        arguments[5] = submission.Score;
        arguments[6] = LeaderboardText.Time(submission.At);
        arguments[7] = submission.SubmissionId;
        arguments[8] = plan.Day >= firstRemembered ? Milliseconds(calendar.RememberFor(plan.Day, now)) : 0;
        for (var i = 0; i < plan.Periods.Length; i++)
            arguments[FixedArguments + i] = plan.Periods[i].Window == LeaderboardWindow.AllTime ? 0 : Milliseconds(calendar.TimeLeft(plan.Periods[i], now));
        return Submit.EvaluateAsync(database, plan.Keys, arguments);
    }

    // The keys of the submission before serve the next one, nearly always.
    private Plan PlanFor(DateTimeOffset at, DateTimeOffset now)
    {
        var last = _last;
        if (last is not null && last.From <= at && at < last.Until && now < last.DropsAt)
            return last;

        var day = LeaderboardCalendar.Day(at);
        var (from, until) = calendar.Stretch(at);
        LeaderboardPeriod[] periods = [.. calendar.Periods(at, now)];
        var firstEnd = periods.Where(static period => period.Window != LeaderboardWindow.AllTime).Select(static period => period.End).DefaultIfEmpty(DateTimeOffset.MaxValue).Min();
        var plan = new Plan(
            day,
            [keys.Marker, keys.Seen(day), keys.Sum, .. periods.SelectMany(keys.Of)],
            periods,
            from,
            until,
            DropsAt: firstEnd > DateTimeOffset.MaxValue - options.KeepEnded ? firstEnd : firstEnd + options.KeepEnded);
        _last = plan;
        return plan;
    }

    private static long Milliseconds(TimeSpan time) => Math.Max(1, (long)time.TotalMilliseconds);

    /// <summary>Keys for submissions of [From, Until), as long as none of the periods is dropped.</summary>
    private sealed record Plan(DateTime Day, RedisKey[] Keys, LeaderboardPeriod[] Periods, DateTimeOffset From, DateTimeOffset Until, DateTimeOffset DropsAt);
}
