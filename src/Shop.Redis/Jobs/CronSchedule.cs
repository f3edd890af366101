using Cronos;

namespace Shop.Redis.Jobs;

/// <summary>A schedule by cron expression. Each tick is run once over all workers that have the schedule.</summary>
public sealed record CronSchedule
{
    private const int MostMissed = 100;

    private readonly CronExpression _cron;

    /// <summary>A schedule.</summary>
    /// <param name="name">Names it in its queue, for example <c>nightly-settlement</c>. Redis remembers under that name up to when its ticks are settled.</param>
    /// <param name="expression">Five fields (minute, hour, day of month, month, day of week), or six with seconds first; Cronos's syntax (<c>L</c>, <c>W</c>, <c>#</c>, <c>@daily</c>).</param>
    /// <exception cref="FormatException">The expression is none.</exception>
    public CronSchedule(string name, string expression)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentException.ThrowIfNullOrWhiteSpace(expression);
        (Name, Expression) = (name, expression);
        try
        {
            var fields = expression.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;
            _cron = CronExpression.Parse(expression, fields == 6 ? CronFormat.IncludeSeconds : CronFormat.Standard);
        }
        catch (CronFormatException exception)
        {
            throw new FormatException($"The schedule {name} has the cron expression '{expression}', which is none: {exception.Message}", exception);
        }
    }

    /// <summary>Names it in its queue.</summary>
    public string Name { get; }

    /// <summary>The cron expression.</summary>
    public string Expression { get; }

    /// <summary>Whose clock and calendar the expression means. Default UTC. When clocks go forward, a tick in the hour that does not exist comes at the hour's end; when they go back, a tick at a given time comes once.</summary>
    public TimeZoneInfo TimeZone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>What becomes of ticks that nobody was there for. Default <see cref="MissedTicks.RunLast"/>.</summary>
    public MissedTicks MissedTicks { get; init; } = MissedTicks.RunLast;

    /// <summary>A tick that is seen later than this is a missed one. Default 1 min.</summary>
    public TimeSpan MissedAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The next tick after a moment, or null: there is none.</summary>
    public DateTimeOffset? NextAfter(DateTimeOffset moment) => _cron.GetNextOccurrence(moment, TimeZone)?.ToUniversalTime();

    /// <summary>What is to be done about the ticks after <paramref name="settled"/>, up to <paramref name="now"/>.</summary>
    internal DueTicks Due(DateTimeOffset settled, DateTimeOffset now)
    {
        List<DateTimeOffset> onTime = [];
        Queue<DateTimeOffset> missed = [];
        DateTimeOffset? lastMissed = null;
        var passedOver = 0;
        foreach (var occurrence in _cron.GetOccurrences(settled, now, TimeZone, fromInclusive: false, toInclusive: true))
        {
            var tick = occurrence.ToUniversalTime();
            if (now - tick <= MissedAfter)
            {
                onTime.Add(tick);
                continue;
            }

            lastMissed = tick;
            missed.Enqueue(tick);
            if (missed.Count > MostMissed)
            {
                missed.Dequeue();
                passedOver++;
            }
        }

        IEnumerable<DateTimeOffset> late = MissedTicks switch
        {
            MissedTicks.RunAll => missed,
            MissedTicks.RunLast when onTime.Count == 0 && lastMissed is { } last => [last],
            _ => [],
        };
        DateTimeOffset[] run = [.. late, .. onTime];
        return new DueTicks(run, passedOver + missed.Count + onTime.Count - run.Length, lastMissed);
    }
}

/// <summary>Ticks that have come.</summary>
/// <param name="Run">Those to be run, in order.</param>
/// <param name="PassedOver">How many others are passed over.</param>
/// <param name="LastMissed">The last one that was missed, whether it is run or not.</param>
internal sealed record DueTicks(DateTimeOffset[] Run, int PassedOver, DateTimeOffset? LastMissed);

/// <summary>What becomes of the ticks that passed while no worker was there (or Redis was not).</summary>
public enum MissedTicks
{
    /// <summary>The last one is run, late, unless a tick has come since; earlier ones are passed over.</summary>
    RunLast,

    /// <summary>They are passed over.</summary>
    Skip,

    /// <summary>Each is run, late, in order; of more than 100, the last 100.</summary>
    RunAll,
}
