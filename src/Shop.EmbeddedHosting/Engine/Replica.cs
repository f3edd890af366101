using System.Diagnostics;
using Shop.EmbeddedHosting.Processes;
using Shop.EmbeddedHosting.Proxy;

namespace Shop.EmbeddedHosting.Engine;

internal enum ReplicaState
{
    Starting,
    Healthy,
    Unhealthy,
    Crashed,
    Finished,
    Stopped,
}

/// <summary>One process of a service: started, watched, and started again when it crashes, for as long as the application runs.</summary>
internal sealed class Replica(string name, IReadOnlyList<ProxyTarget> targets, bool isJob, EngineContext context)
{
    /// <summary>A service finishes what it holds within its own 15 seconds.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(20);

    /// <summary>One that has never been healthy and has crashed so often will not become healthy.</summary>
    private const int HopelessCrashes = 4;

    private readonly RestartBackOff _backOff = new(TimeProvider.System);
    private bool _provedItself;

    public string Name => name;

    public ReplicaState State { get; private set; }

    /// <summary>What people should know beside the state.</summary>
    public string Note { get; private set; } = "";

    public int? ExitCode { get; private set; }

    public ChildProcess? Process { get; private set; }

    /// <summary>When the process that runs, or ran last, was started.</summary>
    public DateTimeOffset? StartedAt { get; private set; }

    /// <summary>How often it was started, the first time not counted.</summary>
    public int Restarts { get; private set; }

    /// <summary>The variables that the process was started with, beside those of the AppHost's own environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; set; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Where it listens, one per endpoint of the service.</summary>
    public IReadOnlyList<ProxyTarget> Targets => targets;

    /// <summary>Called when <see cref="State"/> or <see cref="Note"/> changes.</summary>
    public required Action Changed { get; init; }

    /// <summary>Says how to start the process; asked before every start, as a port may have been taken meanwhile.</summary>
    public required Func<Replica, CancellationToken, Task<ProcessStartInfo>> HowToStart { get; init; }

    /// <summary>Whether the process can work.</summary>
    public required Func<Replica, CancellationToken, Task<bool>> IsHealthyAsync { get; init; }

    public async Task RunAsync(CancellationToken stopping)
    {
        while (true)
        {
            Become(ReplicaState.Starting);
            var start = await HowToStart(this, stopping).ConfigureAwait(false);
            var mark = start.ArgumentList.Count > 1 ? start.ArgumentList[1] : start.FileName;
            var process = ChildProcess.Start(start, line => context.Logs.Write(name, line));
            await using (process.ConfigureAwait(false))
            {
                Process = process;
                Restarts += StartedAt is null ? 0 : 1;
                StartedAt = TimeProvider.System.GetUtcNow();
                Changed();
                context.Folder.Processes.Add(process.Id, mark);
                ExitCode = await WatchAsync(process, stopping).ConfigureAwait(false);
                context.Folder.Processes.Remove(process.Id);
                Process = null;
            }

            if (isJob)
            {
                Become(ReplicaState.Finished, $"exit code {ExitCode}");
                return;
            }

            if (stopping.IsCancellationRequested)
            {
                Become(ReplicaState.Stopped);
                return;
            }

            await WaitBeforeRestartAsync(stopping).ConfigureAwait(false);
        }
    }

    private async Task<int> WatchAsync(ChildProcess process, CancellationToken stopping)
    {
        using var life = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var health = HealthWatch.RunAsync(
            probe: cancellationToken => IsHealthyAsync(this, cancellationToken),
            changed: healthy =>
            {
                if (healthy)
                    _backOff.Healthy();
                _provedItself |= healthy;
                Become(healthy ? ReplicaState.Healthy : ReplicaState.Unhealthy);
            },
            life.Token);
        try
        {
            return await process.Exited.WaitAsync(stopping).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            SetTargets(TargetState.Down);
            return await process.StopAsync(PosixSignals.Terminate, StopPatience).ConfigureAwait(false);
        }
        finally
        {
            SetTargets(TargetState.Down);
            await life.CancelAsync().ConfigureAwait(false);
            await health.ConfigureAwait(false);
        }
    }

    private async Task WaitBeforeRestartAsync(CancellationToken stopping)
    {
        var pause = _backOff.Crashed();
        var lastWords = context.Logs.LastWords(name);
        if (!_provedItself && _backOff.Crashes >= HopelessCrashes)
            throw new InvalidOperationException($"{name} has crashed {HopelessCrashes} times (exit code {ExitCode}) and was never healthy. It last said:\n{lastWords}");

        Become(ReplicaState.Crashed, $"ended with exit code {ExitCode}; starting it again{(pause > TimeSpan.Zero ? $" in {pause.TotalSeconds:0} s" : "")}");
        await Task.Delay(pause, stopping).ConfigureAwait(false);
    }

    private void Become(ReplicaState state, string note = "")
    {
        State = state;
        Note = note;
        SetTargets(state switch
        {
            ReplicaState.Healthy => TargetState.Healthy,
            ReplicaState.Unhealthy => TargetState.Unhealthy,
            _ => TargetState.Down,
        });
        Changed();
    }

    private void SetTargets(TargetState state)
    {
        foreach (var target in targets)
            target.State = state;
    }
}
