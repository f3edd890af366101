using Shop.EmbeddedHosting.Engine;
using Shop.EmbeddedHosting.Servers;

namespace Shop.EmbeddedHosting.Faults;

/// <summary>The process of a Redis or PostgreSQL server.</summary>
public sealed class ServerFaults
{
    private readonly ServerRunner _runner;

    internal ServerFaults(ServerRunner runner) => _runner = runner;

    /// <summary>The id of the running process.</summary>
    public int ProcessId => Server.ProcessId;

    /// <summary>The port; the same after a restart.</summary>
    public int Port => Server.Port;

    /// <summary>Shuts the server down in order and keeps it down until <see cref="StartAsync"/>.</summary>
    public Task StopAsync() => _runner.HoldDownAsync(abruptly: false);

    /// <summary>Kills the server with SIGKILL and keeps it down until <see cref="StartAsync"/>.</summary>
    public Task CrashAsync() => _runner.HoldDownAsync(abruptly: true);

    /// <summary>Starts the server again on its data; returns when it answers.</summary>
    public Task StartAsync(CancellationToken cancellationToken = default) => _runner.ReleaseAsync(cancellationToken);

    /// <summary>Kills the server with SIGKILL; the engine starts it again by itself.</summary>
    public Task KillAsync() => Server.KillAsync();

    /// <summary>Freezes the server with SIGSTOP: connections stay open, and nothing answers.</summary>
    public void Pause() => Server.Pause();

    /// <summary>Lets a paused server go on.</summary>
    public void Resume() => Server.Resume();

    private ServerProcess Server => _runner.Server ?? throw new InvalidOperationException($"'{_runner.Resource.Name}' is the user's own server.");
}
