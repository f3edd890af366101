using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shop.Redis.Jobs;
using Shop.Testing;
using Xunit;

namespace Shop.Redis.Tests.Jobs;

public sealed class JobServicesTests(OwnRedis server) : IClassFixture<OwnRedis>
{
    [Fact]
    public async Task A_host_runs_its_workers_and_gives_each_attempt_a_scope_of_its_own()
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.AddSingleton(server.Connection).AddSingleton<Notes>().AddScoped<Scoped>();
        builder.Services.AddJobs(RedisFixture.NewPrefix(), new JobWorkerOptions { Queue = JobRig.Queue }, static worker => worker
            .Handle<Work, ScopedHandler>(JobRig.Type)
            .Cron(new CronSchedule("tick", "* * * * * *"), JobRig.Type, static _ => new Work("tick")));
        using var host = builder.Build();
        await host.StartAsync();

        await host.Services.GetRequiredService<JobQueues>().EnqueueAsync(JobRig.Type, new Work("job"));
        var notes = host.Services.GetRequiredService<Notes>();
        await Eventually.TrueAsync(() => Task.FromResult(notes.Scopes.Count >= 3), "a job and two ticks ran", TimeSpan.FromSeconds(60));
        await host.StopAsync();

        Assert.Equal(notes.Scopes.Count, notes.Scopes.Select(static scope => scope.Scope).Distinct().Count());
        Assert.Contains(notes.Scopes, static scope => scope.Text == "job");
        Assert.All(notes.Scopes, static scope => Assert.True(scope.Scope.Disposed));
    }

    [Fact]
    public async Task Settings_that_make_no_sense_stop_the_host_at_its_start()
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.AddSingleton(server.Connection);
        builder.Services.AddJobs("x:", new JobWorkerOptions { Queue = JobRig.Queue, Concurrency = -3 }, static _ => { });
        using var host = builder.Build();

        var refused = await Assert.ThrowsAsync<ArgumentException>(() => host.StartAsync());

        Assert.Contains("-3", refused.Message, StringComparison.Ordinal);
    }

    private sealed class Notes
    {
        public ConcurrentQueue<(string Text, Scoped Scope)> Scopes { get; } = new();
    }

    private sealed class Scoped : IDisposable
    {
        public bool Disposed { get; private set; }

        public void Dispose() => Disposed = true;
    }

    private sealed class ScopedHandler(Scoped scoped, Notes notes) : IJobHandler<Work>
    {
        public ValueTask<JobOutcome> HandleAsync(Work arguments, JobContext job, CancellationToken cancellationToken)
        {
            notes.Scopes.Enqueue((arguments.Text, scoped));
            return ValueTask.FromResult(JobOutcome.Done());
        }
    }
}
