using System.Reflection;
using Aspire.Hosting;

namespace Shop.EmbeddedHosting.Engine;

/// <summary>
/// Runs an AppHost's entry point inside a test's process. It runs on a thread of its own and halts twice: in <c>Build()</c>, until
/// the test has made its changes to the model, and in <c>Run()</c>, until the test disposes the application.
/// </summary>
internal sealed class TestingSession(Assembly appHost)
{
    private static readonly AsyncLocal<TestingSession?> Ambient = new();
    private readonly TaskCompletionSource<IDistributedApplicationBuilder> _builder = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<DistributedApplication> _application = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _mayBuild = new();

    /// <summary>The session that the calling code runs in; null outside of tests.</summary>
    public static TestingSession? Current => Ambient.Value;

    public Assembly AppHost => appHost;

    /// <summary>Completes when the test has disposed the application.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Starts the entry point, and answers its builder when it has come to <c>Build()</c>.</summary>
    public Task<IDistributedApplicationBuilder> RunEntryPointAsync(string[] args)
    {
        var thread = new Thread(() =>
        {
            Ambient.Value = this;
            try
            {
                var main = appHost.EntryPoint ?? throw new InvalidOperationException($"{appHost.GetName().Name} has no entry point.");
                main.Invoke(null, BindingFlags.DoNotWrapExceptions, binder: null, main.GetParameters().Length == 0 ? [] : [args], culture: null);
                Fail(new InvalidOperationException($"{appHost.GetName().Name} ended without building its model."));
            }
            catch (Exception exception)
            {
                Fail(exception);
            }
        })
        { IsBackground = true, Name = $"{appHost.GetName().Name} entry point" };
        thread.Start();
        return _builder.Task;
    }

    /// <summary>Called by the entry point's <c>Build()</c>: halts it until <see cref="BuildAsync"/>.</summary>
    public void HandOver(IDistributedApplicationBuilder builder)
    {
        _builder.TrySetResult(builder);
        _mayBuild.Wait();
        if (_ended.Task.IsCompleted)
            throw new OperationCanceledException("The test disposed the builder without building it.");
    }

    /// <summary>Called by the entry point's <c>Build()</c> at its end.</summary>
    public void HandOver(DistributedApplication application) => _application.TrySetResult(application);

    public Task<DistributedApplication> BuildAsync()
    {
        _mayBuild.Set();
        return _application.Task;
    }

    /// <summary>Lets the entry point return.</summary>
    public void End()
    {
        _ended.TrySetResult();
        _mayBuild.Set();
    }

    private void Fail(Exception exception)
    {
        _builder.TrySetException(exception);
        _application.TrySetException(exception);
    }
}
