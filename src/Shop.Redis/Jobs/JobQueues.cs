using System.Collections.Concurrent;
using System.Diagnostics;
using StackExchange.Redis;

namespace Shop.Redis.Jobs;

/// <summary>
/// Enqueues jobs, and does what operators ask of them. A job that was enqueued stands in Redis only: a wipe loses it. What a user was
/// promised is enqueued through an outbox (<c>Shop.Messaging</c>), and comes back.
/// </summary>
/// <remarks>Thread-safe; one per process. Each call is one script and one round trip, see the <c>.lua</c> files beside this one.</remarks>
public sealed class JobQueues
{
    private const int LargestBatch = 500;

    private static readonly RedisScript Cancel = RedisScript.Load<JobQueues>("job.lua", "cancel.lua");
    private static readonly RedisScript Retry = RedisScript.Load<JobQueues>("job.lua", "retry.lua");
    private static readonly RedisScript Drop = RedisScript.Load<JobQueues>("job.lua", "drop.lua");

    private readonly IDatabase _database;
    private readonly string _keyPrefix;
    private readonly ConcurrentDictionary<string, JobKeys> _keys = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, JobPost> _posts = new(StringComparer.Ordinal);

    /// <summary>Uses the connection; nothing is sent until the first call.</summary>
    /// <param name="redis">The connection.</param>
    /// <param name="keyPrefix">Put before every key, for example <c>shop:</c>; the workers' too.</param>
    public JobQueues(IConnectionMultiplexer redis, string keyPrefix)
    {
        ArgumentNullException.ThrowIfNull(redis);
        ArgumentNullException.ThrowIfNull(keyPrefix);
        (_database, _keyPrefix) = (redis.GetDatabase(), keyPrefix);
    }

    /// <summary>How long cancelled jobs are kept that nobody ran. Default 1 day, as <see cref="JobWorkerOptions.KeepCancelled"/>.</summary>
    public TimeSpan KeepCancelled { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Enqueues a job. One round trip; calls that come while others are under way share the next. Repeatable when <see cref="JobOptions.Id"/> is given: a job that is known is not enqueued again.</summary>
    /// <exception cref="RedisException">Redis did not take it, or did not say so: enqueue again under the same id.</exception>
    /// <exception cref="RedisTimeoutException">Redis did not answer in time: likewise.</exception>
    /// <exception cref="ArgumentException">An option is out of range; the message names it.</exception>
    public async Task<EnqueuedJob> EnqueueAsync<TArguments>(JobType<TArguments> type, TArguments arguments, JobOptions? options = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(type);
        ct.ThrowIfCancellationRequested();
        var request = type.Request(arguments, options);
        request.Validate();
        using var activity = JobTelemetry.StartPublish(request.Queue, 1);
        var post = _posts.GetOrAdd(request.Queue, static (queue, self) => new JobPost(self._database, self.Keys(queue)), this);
        var answer = await post.EnqueueAsync(new JobLetter(request, TraceParent)).WaitAsync(ct).ConfigureAwait(false);
        if (answer.IsNew)
            JobTelemetry.Enqueued.Add(1, JobTelemetry.Queue(request.Queue));
        return answer;
    }

    /// <summary>Enqueues jobs, of any kinds and queues; those of one queue keep their order. Pipelined, hundreds in a script.</summary>
    /// <returns>One answer for each, in their order.</returns>
    /// <exception cref="RedisException">Redis did not take all of them, or did not say so: enqueue them again under the same ids.</exception>
    /// <exception cref="RedisTimeoutException">Redis did not answer in time: likewise.</exception>
    /// <exception cref="ArgumentException">An option is out of range; the message names it. Nothing was enqueued.</exception>
    public async Task<EnqueuedJob[]> EnqueueAsync(IReadOnlyList<JobRequest> requests, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        ct.ThrowIfCancellationRequested();
        foreach (var request in requests)
            request.Validate();

        var answers = new EnqueuedJob[requests.Count];
        List<Task> calls = [];
        foreach (var queue in Enumerable.Range(0, requests.Count).GroupBy(i => requests[i].Queue, StringComparer.Ordinal))
        {
            foreach (var places in queue.Chunk(LargestBatch))
                calls.Add(EnqueueAsync(queue.Key, requests, places, answers));
        }

        await Task.WhenAll(calls).WaitAsync(ct).ConfigureAwait(false);
        return answers;
    }

    /// <summary>Cancels a job. One that waits ends at once; one that runs is told, on whichever machine (<see cref="JobChange.Requested"/>).</summary>
    /// <param name="queue">Its queue.</param>
    /// <param name="id">Which.</param>
    /// <param name="reason">What an operator reads later.</param>
    /// <param name="ct">Stops the waiting.</param>
    public Task<JobChange> CancelAsync(string queue, Guid id, string reason, CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        var keys = Keys(queue);
        return ChangeAsync(Cancel, keys, [id.ToString(), reason, JobRecord.Milliseconds(KeepCancelled), keys.Orders.ToString(), Watch(keys, id)], ct);
    }

    /// <summary>Queues a dead or cancelled job again, with its attempts counted from one, or a scheduled one ahead of its time.</summary>
    public Task<JobChange> RetryAsync(string queue, Guid id, CancellationToken ct = default)
    {
        var keys = Keys(queue);
        return ChangeAsync(Retry, keys, [id.ToString(), keys.Wake.ToString(), Watch(keys, id)], ct);
    }

    /// <summary>Forgets a job that has ended: dead, cancelled, or kept after success.</summary>
    public Task<JobChange> DropAsync(string queue, Guid id, CancellationToken ct = default) => ChangeAsync(Drop, Keys(queue), [id.ToString()], ct);

    private async Task EnqueueAsync(string queue, IReadOnlyList<JobRequest> requests, int[] places, EnqueuedJob[] answers)
    {
        using var activity = JobTelemetry.StartPublish(queue, places.Length);
        var traceParent = TraceParent;
        var letters = Array.ConvertAll(places, place => new JobLetter(requests[place], traceParent));
        await JobPost.SendAsync(_database, Keys(queue), letters).ConfigureAwait(false);
        var enqueued = 0;
        for (var i = 0; i < places.Length; i++)
        {
            var answer = answers[places[i]] = await letters[i].Answer.ConfigureAwait(false);
            if (answer.IsNew)
                enqueued++;
        }

        JobTelemetry.Enqueued.Add(enqueued, JobTelemetry.Queue(queue));
    }

    private async Task<JobChange> ChangeAsync(RedisScript script, JobKeys keys, RedisValue[] arguments, CancellationToken ct) =>
        Enum.Parse<JobChange>((string)(await script.EvaluateAsync(_database, keys.All, arguments).WaitAsync(ct).ConfigureAwait(false))!);

    private static string? TraceParent => Activity.Current is { IdFormat: ActivityIdFormat.W3C } current ? current.Id : null;

    private static RedisValue Watch(JobKeys keys, Guid id) => keys.Watch(id.ToString()).ToString();

    private JobKeys Keys(string queue) => _keys.GetOrAdd(queue, static (name, prefix) => new JobKeys(prefix, name), _keyPrefix);
}
