using System.Globalization;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Shop.Redis.Jobs;

/// <summary>
/// Makes the jobs of schedules. Redis remembers up to when the ticks of each are settled, and one script settles a tick and enqueues
/// its job: of all schedulers that see a tick, the first has it. Redis's clock says what time it is.
/// <para>
/// A wipe takes that memory along; a scheduler puts back what it knew, so that no tick is passed over or run again for it. The one
/// exception: a scheduler that had not looked yet when a tick was settled and Redis was wiped right after (milliseconds, or as long as
/// its process was paused) settles that tick a second time.
/// </para>
/// </summary>
internal sealed class CronScheduler(IDatabase database, JobKeys keys, JobHandlers handlers, JobWorkerOptions options, ILogger logger)
{
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(30);
    private static readonly RedisScript Look = RedisScript.Load<CronScheduler>("cron-look.lua");
    private static readonly RedisScript Run = RedisScript.Load<CronScheduler>("job.lua", "put.lua", "cron-run.lua");

    /// <summary>Up to when ticks are settled, as far as this process knows.</summary>
    private readonly Dictionary<string, DateTimeOffset> _settled = new(StringComparer.Ordinal);

    /// <summary>Makes what is due; answers when to come again.</summary>
    public async Task<TimeSpan> RunOnceAsync()
    {
        var sleep = LongestSleep;
        foreach (var entry in handlers.Schedules)
        {
            var wait = await RunAsync(entry).ConfigureAwait(false);
            if (wait < sleep)
                sleep = wait;
        }

        return sleep;
    }

    private async Task<TimeSpan> RunAsync(CronEntry entry)
    {
        var schedule = entry.Schedule;
        var known = _settled.TryGetValue(schedule.Name, out var moment) ? (RedisValue)moment.ToUnixTimeMilliseconds() : RedisValue.EmptyString;
        var reply = (RedisValue[])(await Look.EvaluateAsync(database, keys.Cron, [schedule.Name, known]).ConfigureAwait(false))!;
        var now = DateTimeOffset.FromUnixTimeMilliseconds((long)reply[0]);
        var settled = DateTimeOffset.FromUnixTimeMilliseconds((long)reply[1]);
        _settled[schedule.Name] = settled;

        var due = schedule.Due(settled, now);
        if (due.PassedOver > 0 && due.LastMissed is { } last)
        {
            if (due.Run.Length == 0 || due.Run[0] > last)
                await SettleAsync(entry, last, settled, pass: true).ConfigureAwait(false);
            logger.TicksPassedOver(options.Queue, schedule.Name, due.PassedOver, last);
        }

        foreach (var tick in due.Run)
            await SettleAsync(entry, tick, settled, pass: false).ConfigureAwait(false);

        return schedule.NextAfter(now) is { } next ? next - now : LongestSleep;
    }

    /// <summary>The arguments are the application's to make, and may fail; then the tick stays unsettled.</summary>
    private JobRequest? Request(CronEntry entry, DateTimeOffset tick)
    {
        try
        {
            var request = entry.Request(tick);
            request.Validate();
            return request;
        }
        catch (Exception exception)
        {
            logger.ScheduleFailed(options.Queue, entry.Schedule.Name, tick, exception);
            return null;
        }
    }

    private async Task SettleAsync(CronEntry entry, DateTimeOffset tick, DateTimeOffset settled, bool pass)
    {
        RedisValue[] job = ["", "", "", ""];
        if (!pass)
        {
            var request = Request(entry, tick);
            if (request is null)
                return;
            job = [request.Id.ToString(), ((int)request.Priority).ToString(CultureInfo.InvariantCulture), request.UniqueKey ?? "", JobRecord.Encode(request, traceParent: null)];
        }

        var ran = (int)await Run.EvaluateAsync(
            database, keys.All, [entry.Schedule.Name, tick.ToUnixTimeMilliseconds(), settled.ToUnixTimeMilliseconds(), keys.Wake.ToString(), .. job]).ConfigureAwait(false) == 1;
        _settled[entry.Schedule.Name] = tick;
        if (!ran)
            return;
        JobTelemetry.Enqueued.Add(1, JobTelemetry.Queue(options.Queue));
        logger.Ticked(options.Queue, entry.Schedule.Name, tick);
    }
}
