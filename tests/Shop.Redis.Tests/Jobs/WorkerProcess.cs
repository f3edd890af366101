using System.Diagnostics;
using Shop.EmbeddedHosting.Servers;
using Shop.Redis.Jobs;
using Shop.SampleWorker;
using Shop.Testing;

namespace Shop.Redis.Tests.Jobs;

/// <summary>A worker in a process of its own, which can be killed and paused.</summary>
internal sealed class WorkerProcess(string redis, string prefix, string name, JobInspector inspector) : ServerProcess
{
    public static async Task<WorkerProcess> StartAsync(string redis, string prefix, string name, JobInspector inspector)
    {
        var worker = new WorkerProcess(redis, prefix, name, inspector) { DataFolder = TemporaryFolder.Create("worker") };
        await worker.StartAsync();
        return worker;
    }

    protected override Task<ProcessStartInfo> PrepareAsync(CancellationToken cancellationToken) => Task.FromResult(new ProcessStartInfo("dotnet")
    {
        ArgumentList = { Path.Combine(AppContext.BaseDirectory, "Shop.SampleWorker.dll"), redis, prefix, name },
    });

    protected override async Task<bool> AnswersAsync(CancellationToken cancellationToken) => (await inspector.InspectAsync(SampleJobs.Type.Queue, cancellationToken)).Workers > 0;
}
