using Aspire.Hosting.ApplicationModel;
using Shop.EmbeddedHosting.Engine;
using Shop.EmbeddedHosting.Processes;

namespace Shop.EmbeddedHosting.Faults;

/// <summary>One process of a service. A killed one is started again by the engine, at once the first time.</summary>
public sealed class ReplicaFaults
{
    private readonly ResourceNotificationService _notifications;
    private readonly ServiceRunner _service;
    private readonly Replica _replica;

    internal ReplicaFaults(ResourceNotificationService notifications, ServiceRunner service, Replica replica) =>
        (_notifications, _service, _replica) = (notifications, service, replica);

    /// <summary>The name in logs and telemetry, for example <c>orders-0</c>.</summary>
    public string Name => _replica.Name;

    /// <summary>The id of the running process.</summary>
    public int ProcessId => Running.Id;

    /// <summary>Its own address, past the proxy; may change when it is started again.</summary>
    public Uri Address => new($"http://localhost:{_replica.Targets[0].Port}");

    /// <summary>The variables that it was started with.</summary>
    public IReadOnlyDictionary<string, string> Environment => _replica.Environment;

    /// <summary>Ends the process with SIGKILL; returns when it is dead and the engine has noticed.</summary>
    public async Task KillAsync()
    {
        var process = Running;
        await process.KillAsync().ConfigureAwait(false);
        await _notifications.WaitAsync(_service.Resource.Name, _ => !ReferenceEquals(_replica.Process, process), "down", CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Freezes the process with SIGSTOP: it keeps its connections, and answers nothing.</summary>
    public void Pause() => Running.Pause();

    /// <summary>Lets a paused process go on.</summary>
    public void Resume() => Running.Resume();

    /// <summary>Waits until the process, or after <see cref="KillAsync"/> its successor, can work.</summary>
    public Task WaitUntilHealthyAsync(CancellationToken cancellationToken = default) =>
        _notifications.WaitAsync(
            _service.Resource.Name,
            _ => _replica is { State: ReplicaState.Healthy, Process.IsRunning: true },
            "healthy",
            cancellationToken);

    private ChildProcess Running => _replica.Process ?? throw new InvalidOperationException($"{Name} is not running.");
}
