using System.Collections.Concurrent;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using Shop.Redis.Jobs;
using Shop.Testing;
using StackExchange.Redis;

namespace Shop.Redis.Tests.Jobs;

public sealed record Work(string Text);

[JsonSerializable(typeof(Work))]
[JsonSerializable(typeof(int))]
internal sealed partial class WorkJson : JsonSerializerContext;

/// <summary>A queue of one test with its workers, which note what they ran; everything is stopped at the end.</summary>
internal sealed class JobRig(IConnectionMultiplexer connection) : IAsyncDisposable, ILogger<JobWorker>
{
    public const string Queue = "q";

    public static readonly JobType<Work> Type = new("work", Queue, WorkJson.Default.Work)
    {
        MaxAttempts = 3,
        Backoff = new JobBackoff { First = TimeSpan.FromMilliseconds(20), Longest = TimeSpan.FromMilliseconds(100) },
    };

    private readonly List<RunningWorker> _workers = [];
    private readonly List<IAsyncDisposable> _owned = [];

    public JobRig(ITestRedis server)
        : this(server.Connection)
    {
    }

    public string Prefix { get; } = RedisFixture.NewPrefix();

    public IDatabase Database => connection.GetDatabase();

    public JobQueues Jobs => field ??= new JobQueues(connection, Prefix);

    public JobInspector Inspector => field ??= new JobInspector(connection, Prefix);

    /// <summary>What handlers were given, in the order in which they began.</summary>
    public ConcurrentQueue<(string Text, int Attempt, Guid Id)> Began { get; } = new();

    public ConcurrentQueue<(EventId Event, LogLevel Level, string Text)> Logs { get; } = new();

    public string[] BeganTexts => [.. Began.Select(static one => one.Text)];

    /// <summary>Settings with which failures show soon.</summary>
    public static JobWorkerOptions Options(string worker = "one", int concurrency = 8) => new()
    {
        Queue = Queue,
        Worker = worker,
        Concurrency = concurrency,
        Lease = TimeSpan.FromSeconds(2),
        JanitorInterval = TimeSpan.FromMilliseconds(100),
        DrainTimeout = TimeSpan.FromSeconds(10),
    };

    /// <summary>Starts a worker whose handler notes that it began, and then does <paramref name="handler"/>.</summary>
    public RunningWorker Start(JobHandler<Work>? handler = null, JobWorkerOptions? options = null, JobHandlers? handlers = null, IConnectionMultiplexer? ownConnection = null)
    {
        handlers ??= new JobHandlers();
        handlers.Handle(Type, HandleAsync);
        var worker = new RunningWorker(new JobWorker(ownConnection ?? connection, Prefix, options ?? Options(), handlers, logger: this));
        _workers.Add(worker);
        return worker;

        async ValueTask<JobOutcome> HandleAsync(Work work, JobContext job, CancellationToken cancellation)
        {
            Began.Enqueue((work.Text, job.Attempt, job.Id));
            return handler is null ? JobOutcome.Done() : await handler(work, job, cancellation);
        }
    }

    /// <summary>Enqueues one job and answers its id.</summary>
    public async Task<Guid> EnqueueAsync(string text = "job", JobOptions? options = null) => (await Jobs.EnqueueAsync(Type, new Work(text), options)).Id;

    public Task EnqueueAsync(IEnumerable<string> texts, JobOptions? options = null) => Jobs.EnqueueAsync([.. texts.Select(text => Type.Request(new Work(text), options))]);

    public void Own(IAsyncDisposable thing) => _owned.Add(thing);

    public Task BeganAsync(int count, TimeSpan? within = null) =>
        Eventually.BecomesAsync(() => Task.FromResult(Began.Count), began => began >= count, $"{count} attempts", within);

    public Task LoggedAsync(int eventId, int times = 1) =>
        Eventually.BecomesAsync(() => Task.FromResult(Logs.Count(line => line.Event.Id == eventId)), count => count >= times, $"a log line with event id {eventId}", TimeSpan.FromSeconds(40));

    /// <summary>Waits until the job is in a state.</summary>
    public async Task<JobDetails> IsAsync(Guid id, JobState state, TimeSpan? within = null) =>
        (await Eventually.BecomesAsync(() => Inspector.GetAsync(Queue, id), job => job?.State == state, $"job {id} is {state}", within ?? TimeSpan.FromSeconds(40)))!;

    /// <summary>Waits until the job is forgotten.</summary>
    public Task IsGoneAsync(Guid id) => Eventually.TrueAsync(async () => await Inspector.GetAsync(Queue, id) is null, $"job {id} is gone", TimeSpan.FromSeconds(40));

    public Task<JobQueueFacts> FactsAsync() => Inspector.InspectAsync(Queue);

    /// <summary>Waits until nothing waits or runs.</summary>
    public Task<JobQueueFacts> SettledAsync() => Eventually.BecomesAsync(
        FactsAsync, static facts => facts is { Scheduled: 0, Queued: 0, Running: 0 }, "nothing waits or runs", TimeSpan.FromSeconds(60));

    /// <summary>The keys of the queue that hold anything about jobs; streams count by their entries.</summary>
    public async Task<string[]> KeysWithJobsAsync()
    {
        List<string> keys = [];
        foreach (var key in new JobKeys(Prefix, Queue).All[..17])
        {
            if (await Database.KeyTypeAsync(key) is var type && type != RedisType.None && (type != RedisType.Stream || await Database.StreamLengthAsync(key) > 0))
                keys.Add(key.ToString());
        }

        return [.. keys];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers)
            await worker.DisposeAsync();
        foreach (var thing in _owned)
            await thing.DisposeAsync();
    }

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Logs.Enqueue((eventId, logLevel, formatter(state, exception)));

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;
}

/// <summary>A worker that runs until it is stopped.</summary>
internal sealed class RunningWorker : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();

    public RunningWorker(JobWorker worker) => Running = Task.Run(() => worker.RunAsync(_stopping.Token));

    public Task Running { get; }

    /// <summary>Tells it to stop; the task completes when it has.</summary>
    public async Task StopAsync()
    {
        _stopping.Cancel(); // when this returns, the worker has been told
        await Running.WaitAsync(TimeSpan.FromSeconds(60));
    }

    public async ValueTask DisposeAsync() => await StopAsync();
}
