using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Knows the state of every resource, and tells those who wait for one.</summary>
public sealed class ResourceNotificationService
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ResourceEvent> _current;
    private long _version;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal ResourceNotificationService(IEnumerable<IResource> resources) =>
        _current = resources.ToDictionary(
            static resource => resource.Name,
            static resource => new ResourceEvent(resource, resource.Name, new CustomResourceSnapshot
            {
                ResourceType = resource.GetType().Name.Replace("Resource", "", StringComparison.Ordinal),
                State = new ResourceStateSnapshot(KnownResourceStates.NotStarted),
            }),
            StringComparer.Ordinal);

    /// <summary>Called for every change, in order, on the thread that makes it.</summary>
    internal Action<ResourceEvent>? Changed { get; set; }

    /// <summary>Grows with every change.</summary>
    internal long Version => Interlocked.Read(ref _version);

    /// <summary>What every resource is now, in the model's order.</summary>
    internal IReadOnlyList<ResourceEvent> Current
    {
        get
        {
            lock (_gate)
                return [.. _current.Values];
        }
    }

    /// <summary>Waits until the resource runs and, when it has several replicas, all of them are healthy. Fails when it cannot be started.</summary>
    public Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default) =>
        WaitAsync(resourceName, static resource => resource.Snapshot.HealthStatus == HealthStatus.Healthy, "healthy", cancellationToken);

    /// <summary>Waits until the resource is in <paramref name="targetState"/>, one of <see cref="KnownResourceStates"/> (by default Running).</summary>
    public async Task<string> WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default)
    {
        var target = targetState ?? KnownResourceStates.Running;
        var reached = await WaitAsync(resourceName, resource => resource.Snapshot.State?.Text == target, target, cancellationToken).ConfigureAwait(false);
        return reached.Snapshot.State!.Text;
    }

    internal ResourceEvent Of(string resourceName)
    {
        lock (_gate)
            return _current.TryGetValue(resourceName, out var resource) ? resource : throw new ArgumentException($"The model has no resource '{resourceName}'; it has {string.Join(", ", _current.Keys)}.");
    }

    internal void Publish(IResource resource, Func<CustomResourceSnapshot, CustomResourceSnapshot> change)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            var before = _current[resource.Name].Snapshot;
            var after = change(before);
            if (after == before)
                return;

            _current[resource.Name] = new ResourceEvent(resource, resource.Name, after);
            Interlocked.Increment(ref _version);
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Changed?.Invoke(_current[resource.Name]);
        }

        changed.SetResult();
    }

    /// <summary>Waits for a condition; one that can no longer come true because the resource failed is an error.</summary>
    internal async Task<ResourceEvent> WaitAsync(string resourceName, Func<ResourceEvent, bool> condition, string what, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task change;
            ResourceEvent now;
            lock (_gate)
            {
                now = Of(resourceName);
                change = _changed.Task;
            }

            if (condition(now))
                return now;
            if (now.Snapshot.State?.Text == KnownResourceStates.FailedToStart)
                throw new DistributedApplicationException($"'{resourceName}' will not become {what}: {now.Snapshot.Note}");
            await change.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
