using System.Globalization;
using StackExchange.Redis;

namespace Shop.Redis.Jobs;

/// <summary>
/// Enqueues the jobs of one queue that come one at a time. The first goes out at once; whatever comes while calls are under way goes
/// out together with the next, so that a lone job waits for nobody, and many callers pay one round trip for hundreds. A call that
/// fails fails for all that shared it: each caller enqueues again under its id.
/// </summary>
internal sealed class JobPost(IDatabase database, JobKeys keys)
{
    private const int LargestBatch = 500;
    private const int MostUnderWay = 2; // while one is answered the next is on its way

    private static readonly RedisScript Enqueue = RedisScript.Load<JobPost>("job.lua", "put.lua", "enqueue.lua");

    private readonly Queue<JobLetter> _waiting = [];
    private int _underWay;

    public Task<EnqueuedJob> EnqueueAsync(JobLetter job)
    {
        lock (_waiting)
        {
            _waiting.Enqueue(job);
            if (_underWay == MostUnderWay)
                return job.Answer;
            _underWay++;
        }

        _ = SendWaitingAsync(); // what goes wrong in it, the callers are told
        return job.Answer;
    }

    /// <summary>Sends jobs in one call, in their order, and answers each.</summary>
    public static async Task SendAsync(IDatabase database, JobKeys keys, JobLetter[] jobs)
    {
        try
        {
            var arguments = new RedisValue[2 + 5 * jobs.Length];
            (arguments[0], arguments[1]) = (keys.Wake.ToString(), keys.Due.ToString());
            for (var i = 0; i < jobs.Length; i++)
                jobs[i].Write(arguments.AsSpan(2 + 5 * i));
            var reply = (RedisValue[])(await Enqueue.EvaluateAsync(database, keys.All, arguments).ConfigureAwait(false))!;
            for (var i = 0; i < jobs.Length; i++)
                jobs[i].Answered(reply[i]);
        }
        catch (Exception exception)
        {
            foreach (var job in jobs)
                job.Failed(exception);
        }
    }

    private async Task SendWaitingAsync()
    {
        while (true)
        {
            JobLetter[] batch;
            lock (_waiting)
            {
                if (_waiting.Count == 0)
                {
                    _underWay--;
                    return;
                }

                batch = new JobLetter[Math.Min(_waiting.Count, LargestBatch)];
                for (var i = 0; i < batch.Length; i++)
                    batch[i] = _waiting.Dequeue();
            }

            await SendAsync(database, keys, batch).ConfigureAwait(false);
        }
    }
}

/// <summary>A job on its way to Redis, written down when it was enqueued, and the answer.</summary>
internal sealed class JobLetter(JobRequest request, string? traceParent)
{
    private readonly TaskCompletionSource<EnqueuedJob> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ReadOnlyMemory<byte> _whatItIs = JobRecord.Encode(request, request.TraceParent ?? traceParent);

    public Task<EnqueuedJob> Answer => _answer.Task;

    /// <summary>Its five arguments, as enqueue.lua wants them.</summary>
    public void Write(Span<RedisValue> arguments)
    {
        arguments[0] = request.Id.ToString();
        arguments[1] = (int)request.Priority;
        arguments[2] = Due;
        arguments[3] = request.UniqueKey ?? "";
        arguments[4] = _whatItIs;
    }

    /// <param name="standsInItsWay">The id of the job that does, or nothing.</param>
    public void Answered(RedisValue standsInItsWay) => _answer.TrySetResult(standsInItsWay.IsNullOrEmpty
        ? new EnqueuedJob(request.Id, IsNew: true)
        : new EnqueuedJob(Guid.Parse(standsInItsWay.ToString()), IsNew: false));

    public void Failed(Exception exception)
    {
        _answer.TrySetException(exception);
        _ = Answer.Exception; // seen: of many jobs in one call, the caller waits for the first that failed
    }

    private RedisValue Due => request switch
    {
        { Delay: { } delay } => string.Create(CultureInfo.InvariantCulture, $"+{JobRecord.Milliseconds(delay)}"),
        { RunAt: { } time } => time.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture),
        _ => RedisValue.EmptyString,
    };
}
