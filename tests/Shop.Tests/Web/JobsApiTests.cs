using System.Net;
using System.Text.Json.Serialization;
using Shop.Contracts;
using Shop.Redis.Jobs;
using Shop.Testing;
using Xunit;

namespace Shop.Tests.Web;

public sealed record Errand(string Text);

[JsonSerializable(typeof(Errand))]
[JsonSerializable(typeof(int))]
internal sealed partial class ErrandJson : JsonSerializerContext;

/// <summary>Background jobs as operators see and steer them over HTTP.</summary>
public sealed class JobsApiTests(Servers servers)
{
    private static readonly JobType<Errand> Type = new("errand", Queues.Mail, ErrandJson.Default.Errand)
    {
        MaxAttempts = 2,
        Backoff = new JobBackoff { First = TimeSpan.Zero },
        KeepSucceeded = TimeSpan.FromMinutes(5),
    };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Queues_are_listed_with_their_jobs_by_state()
    {
        await using var host = await OperationsHost.StartAsync(servers);
        await EnqueueAsync(host, "waits");
        await EnqueueAsync(host, "later", new JobOptions { Delay = TimeSpan.FromHours(1) });

        var (status, body) = await host.GetAsync("/jobs");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(Queues.All, body.GetProperty("items").EnumerateArray().Select(static queue => queue.GetProperty("queue").GetString()));
        var mail = body.GetProperty("items")[0];
        Assert.Equal((1L, 1L, 0L, 0), (mail.GetProperty("queued").GetInt64(), mail.GetProperty("scheduled").GetInt64(), mail.GetProperty("dead").GetInt64(), mail.GetProperty("workers").GetInt32()));
        Assert.True(mail.GetProperty("oldestQueuedSeconds").GetDouble() >= 0);
    }

    [Fact]
    public async Task A_dead_job_shows_its_attempts_with_their_errors_and_can_be_retried()
    {
        await using var host = await OperationsHost.StartAsync(servers);
        var fails = true;
        await using var worker = Work(host, async (_, job, _) =>
        {
            await job.ReportProgressAsync(42, "half way");
            return Volatile.Read(ref fails) ? throw new InvalidOperationException("the printer is on fire") : JobOutcome.Done(7, ErrandJson.Default.Int32);
        });
        var id = await EnqueueAsync(host, "print");
        await BecomesAsync(host, id, JobState.Dead);

        var (_, dead) = await host.GetAsync("/jobs/mail"); // dead is what one looks for
        var (_, job) = await host.GetAsync($"/jobs/mail/{id}");
        Assert.Equal(id, Assert.Single(dead.GetProperty("items").EnumerateArray()).GetProperty("id").GetGuid());
        Assert.Equal(("Dead", "print", 2), (job.GetProperty("state").GetString(), job.GetProperty("arguments").GetProperty("Text").GetString(), job.GetProperty("attempts").GetArrayLength()));
        Assert.Contains("the printer is on fire", job.GetProperty("attempts")[1].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal((42d, "half way"), (job.GetProperty("progress").GetProperty("percent").GetDouble(), job.GetProperty("progress").GetProperty("message").GetString()));

        Volatile.Write(ref fails, false);
        Assert.Equal(HttpStatusCode.NoContent, (await host.PostAsync($"/jobs/mail/{id}/retry")).Status);
        await BecomesAsync(host, id, JobState.Succeeded);
        Assert.Equal(7, (await host.GetAsync($"/jobs/mail/{id}")).Body.GetProperty("result").GetInt32());
        await ConflictAsync(host, $"/jobs/mail/{id}/retry", "Succeeded");
        await ConflictAsync(host, $"/jobs/mail/{id}/cancel", "Succeeded");
    }

    [Fact]
    public async Task A_job_that_waits_is_cancelled_at_once_and_says_by_whom_and_why()
    {
        await using var host = await OperationsHost.StartAsync(servers);
        var (said, silent) = (await EnqueueAsync(host, "a"), await EnqueueAsync(host, "b"));

        Assert.Equal(HttpStatusCode.NoContent, (await host.PostAsync($"/jobs/mail/{said}/cancel", new { reason = "  not today " })).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await host.PostAsync($"/jobs/mail/{silent}/cancel")).Status);

        Assert.Equal("Olga: not today", (await host.Inspector.GetAsync(Queues.Mail, said, Cancelled))!.CancelReason);
        Assert.Equal("Cancelled by Olga.", (await host.Inspector.GetAsync(Queues.Mail, silent, Cancelled))!.CancelReason);
    }

    [Fact]
    public async Task A_job_that_runs_is_told_and_the_answer_says_where_to_look()
    {
        await using var host = await OperationsHost.StartAsync(servers);
        await using var worker = Work(host, static async (_, _, cancellationToken) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken); // until it is cancelled
            return JobOutcome.Done();
        });
        var id = await EnqueueAsync(host, "long");
        await BecomesAsync(host, id, JobState.Running);
        await ConflictAsync(host, $"/jobs/mail/{id}/retry", "Running");

        Assert.Equal(HttpStatusCode.Accepted, (await host.PostAsync($"/jobs/mail/{id}/cancel", new { reason = "too long" })).Status);

        await BecomesAsync(host, id, JobState.Cancelled);
        Assert.Equal("Olga: too long", (await host.GetAsync($"/jobs/mail/{id}")).Body.GetProperty("cancelReason").GetString());
    }

    [Fact]
    public async Task A_cancelled_job_whose_place_was_taken_cannot_come_back()
    {
        await using var host = await OperationsHost.StartAsync(servers);
        var first = await EnqueueAsync(host, "a", new JobOptions { UniqueKey = "only one" });
        await host.PostAsync($"/jobs/mail/{first}/cancel");
        await EnqueueAsync(host, "b", new JobOptions { UniqueKey = "only one" });

        var (status, problem) = await host.PostAsync($"/jobs/mail/{first}/retry");

        Assert.Equal((HttpStatusCode.Conflict, "Another job does the same."), (status, problem.GetProperty("title").GetString()));
    }

    [Fact]
    public async Task Jobs_are_listed_page_by_page()
    {
        await using var host = await OperationsHost.StartAsync(servers);
        var ids = new List<Guid>();
        for (var i = 0; i < 120; i++)
            ids.Add(await EnqueueAsync(host, $"{i}"));

        var listed = new List<Guid>();
        for (string? after = ""; after is not null;)
        {
            var page = (await host.GetAsync($"/jobs/mail?state=queued{(after.Length > 0 ? $"&after={Uri.EscapeDataString(after)}" : "")}")).Body;
            listed.AddRange(page.GetProperty("items").EnumerateArray().Select(static job => job.GetProperty("id").GetGuid()));
            after = page.GetProperty("next").GetString();
        }

        Assert.Equal(ids, listed);
    }

    [Theory]
    [InlineData("/jobs/no-such-queue")]
    [InlineData("/jobs/mail/019384c5-0000-7000-8000-000000000000")]
    [InlineData("/jobs/mail/no-id")]
    public async Task What_is_not_there_is_not_found(string path)
    {
        await using var host = await OperationsHost.StartAsync(servers);

        Assert.Equal(HttpStatusCode.NotFound, (await host.GetAsync(path)).Status);
        if (path.Contains("/mail/", StringComparison.Ordinal))
        {
            Assert.Equal(HttpStatusCode.NotFound, (await host.PostAsync($"{path}/retry")).Status);
            Assert.Equal(HttpStatusCode.NotFound, (await host.PostAsync($"{path}/cancel")).Status);
        }
    }

    [Theory]
    [InlineData("/jobs/mail?state=lost", "state")]
    [InlineData("/jobs/mail?state=2", "state")]
    [InlineData("/jobs/mail?state=queued,dead", "state")]
    [InlineData("/jobs/mail?state=dead&after=nonsense", "after")]
    public async Task A_bad_parameter_is_named(string path, string field)
    {
        await using var host = await OperationsHost.StartAsync(servers);

        var (status, problem) = await host.GetAsync(path);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
    }

    [Fact]
    public async Task A_reason_is_no_novel()
    {
        await using var host = await OperationsHost.StartAsync(servers);
        var id = await EnqueueAsync(host, "a");

        var (status, problem) = await host.PostAsync($"/jobs/mail/{id}/cancel", new { reason = new string('x', 501) });

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.True(problem.GetProperty("errors").TryGetProperty("reason", out _));
        Assert.Equal(JobState.Queued, (await host.Inspector.GetAsync(Queues.Mail, id, Cancelled))!.State);
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("customer", HttpStatusCode.Forbidden)]
    public async Task Jobs_are_for_operators(string? role, HttpStatusCode expected)
    {
        await using var host = await OperationsHost.StartAsync(servers);
        var id = await EnqueueAsync(host, "a");

        foreach (var path in new[] { "/jobs", "/jobs/mail", $"/jobs/mail/{id}", "/settlements" })
            Assert.Equal(expected, (await host.GetAsync(path, role)).Status);
        foreach (var path in new[] { $"/jobs/mail/{id}/retry", $"/jobs/mail/{id}/cancel", "/settlements/2026-11-05" })
            Assert.Equal(expected, (await host.PostAsync(path, role: role)).Status);
    }

    private static async Task<Guid> EnqueueAsync(OperationsHost host, string text, JobOptions? options = null) => (await host.Jobs.EnqueueAsync(Type, new Errand(text), options, Cancelled)).Id;

    private static Task BecomesAsync(OperationsHost host, Guid id, JobState state) =>
        Eventually.BecomesAsync(() => host.Inspector.GetAsync(Queues.Mail, id, Cancelled), job => job?.State == state, $"the job to be {state}", TimeSpan.FromSeconds(60));

    private static async Task ConflictAsync(OperationsHost host, string path, string state)
    {
        var (status, problem) = await host.PostAsync(path);
        Assert.Equal((HttpStatusCode.Conflict, state), (status, problem.GetProperty("state").GetString()));
    }

    private WorkerOfTest Work(OperationsHost host, JobHandler<Errand> handler) =>
        new(new JobWorker(servers.Redis.Connection, host.Prefix, new JobWorkerOptions { Queue = Queues.Mail, DrainTimeout = TimeSpan.Zero }, new JobHandlers().Handle(Type, handler)));

    private sealed class WorkerOfTest : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stopping = new();
        private readonly Task _running;

        public WorkerOfTest(JobWorker worker) => _running = worker.RunAsync(_stopping.Token);

        public async ValueTask DisposeAsync()
        {
            await _stopping.CancelAsync();
            await _running;
            _stopping.Dispose();
        }
    }
}
