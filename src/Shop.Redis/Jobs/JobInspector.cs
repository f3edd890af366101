using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Shop.Redis.Streams;
using StackExchange.Redis;

namespace Shop.Redis.Jobs;

/// <summary>Answers what operators and callers ask about jobs. It reads only, so that it may be pointed at production.</summary>
/// <remarks>Each call is one script and one round trip, see the <c>.lua</c> files beside this one.</remarks>
public sealed partial class JobInspector
{
    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WorkerSilence = TimeSpan.FromMinutes(1);
    private static readonly RedisScript Facts = RedisScript.Load<JobInspector>("job.lua", "look.lua", "facts.lua");
    private static readonly RedisScript Inspect = RedisScript.Load<JobInspector>("job.lua", "look.lua", "inspect.lua");
    private static readonly RedisScript List = RedisScript.Load<JobInspector>("job.lua", "look.lua", "list.lua");

    private readonly IConnectionMultiplexer _redis;
    private readonly IDatabase _database;
    private readonly string _keyPrefix;
    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<string, JobKeys> _keys = new(StringComparer.Ordinal);

    /// <summary>Uses the connection; nothing is sent until the first call.</summary>
    /// <param name="redis">The connection.</param>
    /// <param name="keyPrefix">Put before every key; the queues'.</param>
    /// <param name="clock">For the pauses of <see cref="WatchAsync"/>.</param>
    public JobInspector(IConnectionMultiplexer redis, string keyPrefix, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(redis);
        ArgumentNullException.ThrowIfNull(keyPrefix);
        (_redis, _database, _keyPrefix, _clock) = (redis, redis.GetDatabase(), keyPrefix, clock ?? TimeProvider.System);
    }

    /// <summary>The queues that had a worker in the last 30 days, by name. Redis command: ZRANGE.</summary>
    public async Task<IReadOnlyList<string>> QueuesAsync(CancellationToken ct = default)
    {
        var queues = await _database.SortedSetRangeByRankAsync(JobKeys.Queues(_keyPrefix)).WaitAsync(ct).ConfigureAwait(false);
        return [.. queues.Select(static queue => queue.ToString()).Order(StringComparer.Ordinal)];
    }

    /// <summary>How many jobs a queue has in each state, and how long the oldest has waited. A queue that does not exist is empty.</summary>
    public async Task<JobQueueFacts> InspectAsync(string queue, CancellationToken ct = default)
    {
        var reply = (long[])(await Facts.EvaluateAsync(_database, Keys(queue).All, [JobRecord.Milliseconds(WorkerSilence)]).WaitAsync(ct).ConfigureAwait(false))!;
        return new JobQueueFacts(queue, reply[0], reply[1], reply[2], reply[3], reply[4], reply[5], TimeSpan.FromMilliseconds(reply[6]), (int)reply[7]);
    }

    /// <summary>One job, or null: it never was, it succeeded and was not kept, or its time was up.</summary>
    public async Task<JobDetails?> GetAsync(string queue, Guid id, CancellationToken ct = default)
    {
        var reply = await Inspect.EvaluateAsync(_database, Keys(queue).All, [id.ToString()]).WaitAsync(ct).ConfigureAwait(false);
        return reply.IsNull ? null : JobDetailsReader.Read(queue, (RedisValue[])reply!);
    }

    /// <summary>
    /// Jobs in one state, a page at a time: scheduled ones as they are due, queued and running ones in their order, those that have
    /// ended latest first. What changes meanwhile may be missed or come twice.
    /// </summary>
    /// <param name="queue">The queue.</param>
    /// <param name="state">Which state.</param>
    /// <param name="after">The <see cref="JobPage.Next"/> of the page before; null for the first.</param>
    /// <param name="take">1 to 500.</param>
    /// <param name="ct">Stops the waiting.</param>
    /// <exception cref="FormatException"><paramref name="after"/> comes from no page of that state.</exception>
    public async Task<JobPage> ListAsync(string queue, JobState state, string? after = null, int take = 50, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(take, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(take, 500);
        if (!Enum.IsDefined(state))
            throw new ArgumentOutOfRangeException(nameof(state), state, "There is no such state.");
        var cursor = state is JobState.Queued or JobState.Running ? PlaceCursor() : RankCursor();
        if (after is not null && !cursor.IsMatch(after))
            throw new FormatException($"'{after}' is where no page of {state} jobs begins; take the Next of the page before.");

        var reply = (RedisResult[])(await List.EvaluateAsync(_database, Keys(queue).All, [state.ToString(), after ?? "", take]).WaitAsync(ct).ConfigureAwait(false))!;
        return new JobPage(
            Array.ConvertAll((RedisResult[])reply[1]!, job => JobDetailsReader.Read(queue, (RedisValue[])job!)),
            (string)reply[0]! is { Length: > 0 } next ? next : null);
    }

    /// <summary>What a job left as result; the default (null) when there is none, or none any more.</summary>
    public async Task<TResult?> GetResultAsync<TResult>(string queue, Guid id, JsonTypeInfo<TResult> json, CancellationToken ct = default) =>
        await GetAsync(queue, id, ct).ConfigureAwait(false) is { Result: { } result } ? JsonSerializer.Deserialize(result, json) : default;

    /// <summary>The job now, and again whenever its state or its progress changes, until it has ended or is gone. Woken by Pub/Sub, with a look every second as cover.</summary>
    public async IAsyncEnumerable<JobDetails> WatchAsync(string queue, Guid id, [EnumeratorCancellation] CancellationToken ct = default)
    {
        var changes = new WakeUps(_redis.GetSubscriber(), Keys(queue).Watch(id.ToString()), _clock);
        await using var _ = changes.ConfigureAwait(false);
        await changes.SubscribeAsync().ConfigureAwait(false);
        JobDetails? last = null;
        while (await GetAsync(queue, id, ct).ConfigureAwait(false) is { } job)
        {
            if (last is null || (job.State, job.Attempt, job.Progress, job.CancelReason) != (last.State, last.Attempt, last.Progress, last.CancelReason))
                yield return last = job;
            if (job.State is JobState.Succeeded or JobState.Dead or JobState.Cancelled)
                yield break;
            await changes.SleepAsync(WatchInterval, ct).ConfigureAwait(false);
        }
    }

    [GeneratedRegex("^[0-3]:[0-9]{1,20}-[0-9]{1,20}$")]
    private static partial Regex PlaceCursor();

    [GeneratedRegex("^[0-9]{1,15}$")]
    private static partial Regex RankCursor();

    private JobKeys Keys(string queue) => _keys.GetOrAdd(queue, static (name, prefix) => new JobKeys(prefix, name), _keyPrefix);
}
