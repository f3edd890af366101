using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Shop.EmbeddedHosting.Faults;

namespace Shop.SystemTests.Hosting;

/// <summary>A test on the sample AppHost. When it fails, what the processes said is attached to the result.</summary>
public abstract class HostingTest : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _running = [];

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public virtual async ValueTask DisposeAsync()
    {
        var failed = TestContext.Current.TestState?.Result == TestResult.Failed;
        foreach (var running in Enumerable.Reverse(_running))
        {
            if (failed)
                Attach(running);
            await running.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Starts the sample model inside this process.</summary>
    protected async Task<DistributedApplication> StartAsync(Action<IDistributedApplicationTestingBuilder>? change = null, params string[] args)
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Shop_SampleAppHost>(args, Cancellation);
        change?.Invoke(builder);
        var app = await builder.BuildAsync(Cancellation);
        _running.Add(app);
        await app.StartAsync(Cancellation);
        return app;
    }

    /// <summary>The same, and waits until the sample service is healthy.</summary>
    protected async Task<DistributedApplication> StartHealthyAsync(Action<IDistributedApplicationTestingBuilder>? change = null, params string[] args)
    {
        var app = await StartAsync(change, args);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("sample", Cancellation);
        return app;
    }

    /// <summary>Starts the sample AppHost as a process of its own.</summary>
    private protected AppHostProcess StartProcess(params string[] args)
    {
        var process = AppHostProcess.Start(args);
        _running.Add(process);
        return process;
    }

    /// <summary>The service of the sample model, for changes.</summary>
    protected static IResourceBuilder<ProjectResource> Sample(IDistributedApplicationBuilder builder) => builder.CreateResourceBuilder<ProjectResource>("sample");

    private static void Attach(IAsyncDisposable running)
    {
        if (running is AppHostProcess process)
            TestContext.Current.AddAttachment($"AppHost-{process.Id}.log", process.Output);
        else if (running is DistributedApplication app)
        {
            foreach (var (name, log) in app.ReadLogs())
                TestContext.Current.AddAttachment($"{name}.log", log);
        }
    }
}
