using System.Collections.Concurrent;
using System.Diagnostics;
using Shop.EmbeddedHosting.Processes;

namespace Shop.EmbeddedHosting.Servers;

/// <summary>One child process that serves on a loopback port: started, stopped, killed, paused and started again on the same data.</summary>
public abstract class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);
    private readonly ConcurrentQueue<string> _lastLines = new();
    private ChildProcess? _process;

    /// <summary>The TCP port on the loopback interface; the same after a restart.</summary>
    public int Port { get; protected init; } = FreePort.Next();

    /// <summary>The folder that holds the server's data.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Called with every line that the server prints.</summary>
    public Action<string>? Log { get; init; }

    /// <summary>The id of the running process.</summary>
    public int ProcessId => Running.Id;

    /// <summary>Whether the process runs (a paused one does).</summary>
    public bool IsRunning => _process is { IsRunning: true };

    /// <summary>Completes when the process ends, with its exit code.</summary>
    public Task<int> WaitForExitAsync(CancellationToken cancellationToken = default) => Running.Exited.WaitAsync(cancellationToken);

    /// <summary>Starts the server on its data and port, and returns when it answers.</summary>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        if (IsRunning)
            throw new InvalidOperationException($"{GetType().Name} on port {Port} runs already, as process {ProcessId}.");

        var start = await PrepareAsync(cancellationToken).ConfigureAwait(false);
        var command = start.FileName;
        var process = ChildProcess.Start(start, Remember, DeathSignal);
        _process = process;

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!await AnswersAsync(deadline.Token).ConfigureAwait(false))
        {
            if (!process.IsRunning)
                throw new InvalidOperationException($"{command} ended with exit code {await process.Exited.ConfigureAwait(false)} before it answered on port {Port}. Its last lines:\n{LastLines}");
            try
            {
                await timer.WaitForNextTickAsync(deadline.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException($"{command} did not answer on port {Port} within 60 s. Its last lines:\n{LastLines}", exception);
            }
        }
    }

    /// <summary>Asks the server to end and waits for it; kills it after ten seconds.</summary>
    public Task StopAsync() => _process?.StopAsync(StopSignal, StopPatience) ?? Task.CompletedTask;

    /// <summary>Ends the process as a crash would (SIGKILL).</summary>
    public Task KillAsync() => _process?.KillAsync() ?? Task.CompletedTask;

    /// <summary>Freezes the process (SIGSTOP): its connections stay open and nothing answers.</summary>
    public void Pause() => Running.Pause();

    /// <summary>Lets a paused process go on (SIGCONT).</summary>
    public void Resume() => Running.Resume();

    /// <inheritdoc />
    public virtual async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        if (_process is not null)
            await _process.DisposeAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    /// <summary>The last lines that the server printed.</summary>
    protected string LastLines => string.Join('\n', _lastLines);

    /// <summary>The signal that asks for an orderly end.</summary>
    protected virtual int StopSignal => PosixSignals.Terminate;

    /// <summary>The signal that ends the server when this process is gone without having stopped it.</summary>
    protected virtual int DeathSignal => PosixSignals.Kill;

    /// <summary>Makes the data folder ready and says how to start the process.</summary>
    protected abstract Task<ProcessStartInfo> PrepareAsync(CancellationToken cancellationToken);

    /// <summary>Whether the server answers its protocol.</summary>
    protected abstract Task<bool> AnswersAsync(CancellationToken cancellationToken);

    private ChildProcess Running =>
        _process is { IsRunning: true } process ? process : throw new InvalidOperationException($"{GetType().Name} on port {Port} is not running.");

    private void Remember(string line)
    {
        _lastLines.Enqueue(line);
        while (_lastLines.Count > 50)
            _lastLines.TryDequeue(out _);
        Log?.Invoke(line);
    }
}
