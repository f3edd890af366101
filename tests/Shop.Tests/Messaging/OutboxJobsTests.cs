using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Shop.Messaging.Jobs;
using Shop.Redis.Jobs;
using Shop.Testing;
using StackExchange.Redis;
using Xunit;

namespace Shop.Tests.Messaging;

public sealed record Chore(string Text);

[JsonSerializable(typeof(Chore))]
internal sealed partial class ChoreJson : JsonSerializerContext;

/// <summary>Jobs that are part of a database transaction.</summary>
public sealed class OutboxJobsTests(Servers servers)
{
    private const string Queue = "chores";

    private static readonly JobType<Chore> Type = new("chore", Queue, ChoreJson.Default.Chore);

    private readonly ConcurrentQueue<(Guid Id, string Text)> _ran = new();

    [Fact]
    public async Task A_job_runs_once_its_transaction_has_committed_and_never_without()
    {
        await using var host = await StartAsync();
        Guid committed;

        await using (var transaction = await host.Outbox.BeginAsync())
        {
            committed = transaction.EnqueueJob(Type, new Chore("committed"));
            await transaction.CommitAsync();
        }

        await using (var transaction = await host.Outbox.BeginAsync())
            transaction.EnqueueJob(Type, new Chore("rolled back"));
        await EnqueueAsync(host, "last");
        await RanAsync(2);

        Assert.Equal(["committed", "last"], _ran.Select(static one => one.Text).Order());
        Assert.Contains((committed, "committed"), _ran);
    }

    [Fact]
    public async Task Everything_that_was_said_about_a_job_travels_with_it()
    {
        await using var host = await StartAsync(work: false);
        var inspector = host.Services.GetRequiredService<JobInspector>();
        using var activity = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
        var before = TimeProvider.System.GetUtcNow();
        Guid id;

        await using (var transaction = await host.Outbox.BeginAsync())
        {
            id = transaction.EnqueueJob(Type, new Chore("""with "quotes" and ümläuts"""), new JobOptions
            {
                Priority = JobPriority.Low,
                Delay = TimeSpan.FromHours(1),
                UniqueKey = "a key",
                UniqueFor = TimeSpan.FromMinutes(2),
                MaxAttempts = 3,
                Timeout = Timeout.InfiniteTimeSpan,
            });
            await transaction.CommitAsync();
        }

        var job = (await Eventually.BecomesAsync(() => inspector.GetAsync(Queue, id), static job => job is not null, "the job is in its queue"))!;
        Assert.Equal((JobState.Scheduled, JobPriority.Low, 3, "a key"), (job.State, job.Priority, job.MaxAttempts, job.UniqueKey));
        Assert.InRange(job.DueAt!.Value, before.AddHours(1).AddMilliseconds(-1), TimeProvider.System.GetUtcNow().AddHours(1));
        Assert.Equal(new Chore("""with "quotes" and ümläuts"""), System.Text.Json.JsonSerializer.Deserialize(job.Arguments, ChoreJson.Default.Chore));
        Assert.Contains(activity.TraceId.ToHexString(), job.TraceParent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_that_the_relay_repeats_does_not_run_its_job_again()
    {
        await using var host = await StartAsync();
        await EnqueueAsync(host, "once");
        await RanAsync(1);
        var stream = $"{host.Prefix}jobs:{Queue}:{{0}}";
        var entry = Assert.Single(await host.Redis.GetDatabase().StreamRangeAsync(stream));

        await host.Redis.GetDatabase().StreamAddAsync(stream, entry.Values);
        await EnqueueAsync(host, "after");
        await RanAsync(2);

        Assert.Equal(["once", "after"], _ran.Select(static one => one.Text));
    }

    [Fact]
    public async Task Jobs_of_one_key_enter_the_queue_in_the_order_of_their_commits()
    {
        await using var host = await StartAsync(concurrency: 1);

        for (var n = 0; n < 50; n++)
            await EnqueueAsync(host, $"{n}", key: "customer 7");
        await RanAsync(50);

        Assert.Equal(Enumerable.Range(0, 50).Select(static n => $"{n}"), _ran.Select(static one => one.Text));
    }

    [Fact]
    public async Task FLUSHALL_in_the_middle_of_a_burst_loses_no_job()
    {
        await using var server = await RedisFixture.StartServerAsync();
        await using var connection = await RedisFixture.ConnectAsync(server);
        await using var host = await StartAsync(connection);
        List<Guid> ids = [];

        for (var n = 0; n < 300; n++)
        {
            ids.Add(await EnqueueAsync(host, $"{n}"));
            if (n % 100 == 50)
                await connection.GetServers()[0].FlushAllDatabasesAsync();
        }

        await Eventually.TrueAsync(() => Task.FromResult(ids.Except(_ran.Select(static one => one.Id)).Count() == 0), "every job has run", TimeSpan.FromSeconds(90));
    }

    [Fact]
    public async Task A_wiped_queue_gets_back_what_waits_with_its_time_and_runs_again_what_had_succeeded()
    {
        await using var server = await RedisFixture.StartServerAsync();
        await using var connection = await RedisFixture.ConnectAsync(server);
        await using var host = await StartAsync(connection);
        var inspector = host.Services.GetRequiredService<JobInspector>();
        var later = await EnqueueAsync(host, "later", options: new JobOptions { Delay = TimeSpan.FromHours(1) });
        var done = await EnqueueAsync(host, "done");
        await RanAsync(1);
        var before = await WaitingAsync();

        await connection.GetServers()[0].FlushAllDatabasesAsync();
        await RanAsync(2);
        var after = await WaitingAsync();

        Assert.Equal([(done, "done"), (done, "done")], _ran);
        Assert.Equal(before!.DueAt, after!.DueAt);

        Task<JobDetails?> WaitingAsync() => Eventually.BecomesAsync(() => inspector.GetAsync(Queue, later), static job => job?.State == JobState.Scheduled, "the later job waits");
    }

    [Fact]
    public void An_intake_without_queues_says_what_is_missing()
    {
        var wrong = Assert.Throws<InvalidOperationException>(static () => new ServiceCollection().AddJobIntake(Queue));

        Assert.Contains("AddJobs", wrong.Message, StringComparison.Ordinal);
    }

    private static async Task<Guid> EnqueueAsync(MessagingHost host, string text, string? key = null, JobOptions? options = null)
    {
        await using var transaction = await host.Outbox.BeginAsync();
        var id = transaction.EnqueueJob(Type, new Chore(text), options, key);
        await transaction.CommitAsync();
        return id;
    }

    private Task<MessagingHost> StartAsync(IConnectionMultiplexer? redis = null, bool work = true, int concurrency = 8)
    {
        var prefix = RedisFixture.NewPrefix();
        return MessagingHost.StartAsync(
            servers,
            services =>
            {
                services.AddJobs(prefix);
                if (work)
                {
                    services.AddJobs(prefix, new JobWorkerOptions { Queue = Queue, Concurrency = concurrency }, worker => worker.Handle(Type, (chore, job, _) =>
                    {
                        _ran.Enqueue((job.Id, chore.Text));
                        return ValueTask.FromResult(JobOutcome.Done());
                    }));
                }

                services.AddJobIntake(Queue);
            },
            prefix: prefix,
            redis: redis,
            sweepAfterSeconds: redis is null ? 30 : 1);
    }

    private Task RanAsync(int count) => Eventually.BecomesAsync(() => Task.FromResult(_ran.Count), ran => ran >= count, $"{count} jobs have run", TimeSpan.FromSeconds(60));
}
