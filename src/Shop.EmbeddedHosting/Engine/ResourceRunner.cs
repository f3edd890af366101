using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Shop.Dashboard.Protocol;

namespace Shop.EmbeddedHosting.Engine;

/// <summary>Runs one resource from its first wait to its stop.</summary>
internal abstract class ResourceRunner(IResource resource, EngineContext context)
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private CancellationTokenSource _stopping = new();
    private Task _run = Task.CompletedTask;
    private bool _ended;

    public IResource Resource => resource;

    protected EngineContext Context => context;

    public void Start() => _run = Task.Run(() => SuperviseAsync(_stopping.Token));

    /// <summary>Whether a person can stop and start it.</summary>
    public virtual bool CanBeCommanded => false;

    /// <summary>Its processes now.</summary>
    public virtual IReadOnlyList<ReplicaSnapshot> Processes => [];

    /// <summary>Stops the processes for good, and returns when they have ended.</summary>
    public Task StopAsync() => InTurnAsync(async () =>
    {
        _ended = true;
        await HaltAsync().ConfigureAwait(false);
    });

    /// <summary>Stops the processes by a person's wish; they stay down until <see cref="StartAgainAsync"/>.</summary>
    public virtual Task HoldAsync() => InTurnAsync(async () =>
    {
        if (_ended)
            return;
        await HaltAsync().ConfigureAwait(false);
        Publish(KnownResourceStates.Exited, note: "stopped by request");
    });

    /// <summary>Starts what has been stopped, or has failed.</summary>
    public virtual Task StartAgainAsync() => InTurnAsync(() =>
    {
        if (!_ended && _run.IsCompleted)
        {
            _stopping.Dispose();
            _stopping = new CancellationTokenSource();
            Start();
        }

        return Task.CompletedTask;
    });

    private async Task InTurnAsync(Func<Task> act)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            await act().ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task HaltAsync()
    {
        if (context.Notifications.Of(resource.Name).Snapshot.HealthStatus is not null)
            Publish(KnownResourceStates.Stopping);
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(false);
        if (context.Notifications.Of(resource.Name).Snapshot.State!.Text is var state && state != KnownResourceStates.FailedToStart && state != KnownResourceStates.Finished)
            Publish(KnownResourceStates.Exited);
    }

    /// <summary>Ends the processes at once.</summary>
    public virtual Task KillAsync() => Task.CompletedTask;

    /// <summary>Starts the processes and keeps them running until <paramref name="stopping"/>; then stops them.</summary>
    protected abstract Task RunAsync(CancellationToken stopping);

    protected void Publish(string state, HealthStatus? health = null, string note = "") =>
        context.Notifications.Publish(resource, snapshot => snapshot with { State = new ResourceStateSnapshot(state), HealthStatus = health, Note = note });

    protected void PublishAddresses(params IReadOnlyList<string> addresses) =>
        context.Notifications.Publish(resource, snapshot => snapshot with { Addresses = addresses });

    private async Task SuperviseAsync(CancellationToken stopping)
    {
        try
        {
            await WaitForOthersAsync(stopping).ConfigureAwait(false);
            Publish(KnownResourceStates.Starting);
            await RunAsync(stopping).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // It was stopped before it had started.
        }
        catch (Exception exception)
        {
            Publish(KnownResourceStates.FailedToStart, note: exception.Message);
        }
    }

    private async Task WaitForOthersAsync(CancellationToken stopping)
    {
        var waits = resource.Annotations.OfType<WaitAnnotation>().ToList();
        if (resource is IResourceWithParent child)
            waits.Add(new WaitAnnotation(child.Parent));

        foreach (var wait in waits)
        {
            var target = wait.Target.Name;
            Publish(KnownResourceStates.Waiting, note: $"waits for {target}");
            if (wait.ExitCode is not { } expected)
            {
                await context.Notifications.WaitForResourceHealthyAsync(target, stopping).ConfigureAwait(false);
                continue;
            }

            var ended = await context.Notifications.WaitAsync(target, static other => other.Snapshot.ExitCode is not null, "finished", stopping).ConfigureAwait(false);
            if (ended.Snapshot.ExitCode != expected)
                throw new DistributedApplicationException($"'{target}' ended with exit code {ended.Snapshot.ExitCode} instead of {expected}.");
        }
    }
}
