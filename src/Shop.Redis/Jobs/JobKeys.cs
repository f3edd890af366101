using StackExchange.Redis;

namespace Shop.Redis.Jobs;

/// <summary>
/// Every key of a queue. They share the hash tag <c>{queue}</c>, so that a script may touch them together on a Redis Cluster. A wipe
/// takes the jobs with it; those that were enqueued through an outbox come back.
/// <list type="table">
/// <item><term><c>…jobs:{queue}:front</c>, <c>:high</c>, <c>:normal</c>, <c>:low</c></term><description>STREAM, entries <c>job id</c>: what waits or runs, and nothing else; the group <c>workers</c> reads them. No expiry: an idle queue's are empty.</description></item>
/// <item><term><c>:jobs</c></term><description>HASH, every known job by id; it leaves with its job.</description></item>
/// <item><term><c>:scheduled</c></term><description>ZSET, jobs by the time they are due.</description></item>
/// <item><term><c>:unique</c>, <c>:lapsing</c></term><description>HASH unique key → job, ZSET of those that hold on for a time after success; removed by the job's end or the janitor.</description></item>
/// <item><term><c>:attempts</c>, <c>:progress</c>, <c>:results</c>, <c>:reasons</c>, <c>:started</c></term><description>HASH by job id, for the jobs that have any; they leave with their job.</description></item>
/// <item><term><c>:succeeded</c>, <c>:dead</c>, <c>:cancelled</c>, <c>:expiry</c></term><description>ZSET, jobs that have ended by when, and by until when they are kept.</description></item>
/// <item><term><c>:workers</c></term><description>ZSET, workers by when they last showed life. Expires an hour after the last; workers put it back.</description></item>
/// <item><term><c>:cron</c></term><description>HASH schedule → up to when its ticks are settled. No expiry: that is how ticks are found that nobody was there for. After a wipe the schedulers put it back.</description></item>
/// <item><term><c>:rate</c></term><description>STRING, how far the rate is used up; expires when it is not. Its loss allows one burst.</description></item>
/// <item><term><c>:wake</c>, <c>:due</c>, <c>:orders</c>, <c>:watch:id</c></term><description>Pub/Sub channels. A lost message costs one poll.</description></item>
/// <item><term><c>…jobs-queues</c></term><description>ZSET (all queues'), when each last had a worker. Workers put it back.</description></item>
/// </list>
/// </summary>
internal sealed class JobKeys
{
    private readonly string _watch;

    public JobKeys(string prefix, string queue)
    {
        Validate(queue);
        var name = $"{prefix}jobs:{{{queue}}}:";
        All =
        [
            .. new[]
            {
                "front", "high", "normal", "low", "jobs", "scheduled", "unique", "lapsing", "attempts", "progress", "results", "reasons", "started",
                "succeeded", "dead", "cancelled", "expiry", "workers", "cron",
            }.Select(part => (RedisKey)(name + part)),
        ];
        RedisKey[] work = All[..5];
        Fetch = [.. work, name + "rate"];
        Complete = [.. work, All[8], All[9], All[11], All[12]];
        Renew = [.. work[..4], All[12], All[11], All[17]];
        Pending = [.. work, All[12]];
        Cron = [All[18]];
        Wake = RedisChannel.Literal(name + "wake");
        Due = RedisChannel.Literal(name + "due");
        Orders = RedisChannel.Literal(name + "orders");
        _watch = name + "watch:";
    }

    /// <summary>All keys, in the order of <c>job.lua</c>, and the cron hash as the last.</summary>
    public RedisKey[] All { get; }

    /// <summary>As <c>fetch.lua</c> wants them.</summary>
    public RedisKey[] Fetch { get; }

    /// <summary>As <c>complete.lua</c> wants them.</summary>
    public RedisKey[] Complete { get; }

    /// <summary>As <c>renew.lua</c> wants them.</summary>
    public RedisKey[] Renew { get; }

    /// <summary>As <c>pending.lua</c> wants them.</summary>
    public RedisKey[] Pending { get; }

    /// <summary>As <c>cron-look.lua</c> wants them.</summary>
    public RedisKey[] Cron { get; }

    /// <summary>"There is something to do."</summary>
    public RedisChannel Wake { get; }

    /// <summary>"A job is due sooner than any before."</summary>
    public RedisChannel Due { get; }

    /// <summary>"Cancel this job", to whoever runs it.</summary>
    public RedisChannel Orders { get; }

    /// <summary>Names of all queues.</summary>
    public static RedisKey Queues(string prefix) => prefix + "jobs-queues";

    /// <summary>"This job has changed."</summary>
    public RedisChannel Watch(string id) => RedisChannel.Literal(_watch + id);

    public static void Validate(string queue)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(queue);
        if (queue.AsSpan().ContainsAny("{}\r\n"))
            throw new ArgumentException($"The queue's name '{queue}' must have no braces and no line breaks: it is the hash tag of its keys.", nameof(queue));
    }
}
