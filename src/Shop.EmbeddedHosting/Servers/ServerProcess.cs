using System.Collections.Concurrent;
using System.Diagnostics;

namespace Shop.EmbeddedHosting.Servers;

/// <summary>One child process that serves on a loopback port: started, stopped, killed, paused and started again on the same data.</summary>
public abstract class ServerProcess : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _lastLines = new();
    private Process? _process;

    /// <summary>The TCP port on the loopback interface; the same after a restart.</summary>
    public int Port { get; protected init; } = FreePort.Next();

    /// <summary>The folder that holds the server's data.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Called with every line that the server prints.</summary>
    public Action<string>? Log { get; init; }

    /// <summary>The id of the running process.</summary>
    public int ProcessId => _process?.Id ?? throw new InvalidOperationException($"{GetType().Name} on port {Port} is not running.");

    /// <summary>Whether the process runs (a paused one does).</summary>
    public bool IsRunning => _process is { HasExited: false };

    /// <summary>Completes when the process ends, with its exit code.</summary>
    public async Task<int> WaitForExitAsync(CancellationToken cancellationToken = default)
    {
        var process = _process ?? throw new InvalidOperationException($"{GetType().Name} on port {Port} is not running.");
        await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        return process.ExitCode;
    }

    /// <summary>Starts the server on its data and port, and returns when it answers.</summary>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        var start = await PrepareAsync(cancellationToken).ConfigureAwait(false);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Remember(line.Data);
        process.ErrorDataReceived += (_, line) => Remember(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!await AnswersAsync(deadline.Token).ConfigureAwait(false))
        {
            if (process.HasExited)
                throw new InvalidOperationException($"{start.FileName} ended with exit code {process.ExitCode} before it answered on port {Port}. Its last lines:\n{LastLines}");
            try
            {
                await timer.WaitForNextTickAsync(deadline.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException($"{start.FileName} did not answer on port {Port} within 60 s. Its last lines:\n{LastLines}", exception);
            }
        }
    }

    /// <summary>Asks the server to end and waits for it; kills it after ten seconds.</summary>
    public async Task StopAsync()
    {
        if (_process is not { HasExited: false } process)
            return;

        PosixSignals.Send(process.Id, PosixSignals.Continue);
        PosixSignals.Send(process.Id, StopSignal);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await process.WaitForExitAsync(patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await KillAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Ends the process as a crash would (SIGKILL).</summary>
    public async Task KillAsync()
    {
        if (_process is not { HasExited: false } process)
            return;

        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync().ConfigureAwait(false);
    }

    /// <summary>Freezes the process (SIGSTOP): its connections stay open and nothing answers.</summary>
    public void Pause() => PosixSignals.Send(ProcessId, PosixSignals.Stop);

    /// <summary>Lets a paused process go on (SIGCONT).</summary>
    public void Resume() => PosixSignals.Send(ProcessId, PosixSignals.Continue);

    /// <inheritdoc />
    public virtual async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _process?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The last lines that the server printed.</summary>
    protected string LastLines => string.Join('\n', _lastLines);

    /// <summary>The signal that asks for an orderly end.</summary>
    protected virtual int StopSignal => PosixSignals.Terminate;

    /// <summary>Makes the data folder ready and says how to start the process.</summary>
    protected abstract Task<ProcessStartInfo> PrepareAsync(CancellationToken cancellationToken);

    /// <summary>Whether the server answers its protocol.</summary>
    protected abstract Task<bool> AnswersAsync(CancellationToken cancellationToken);

    private void Remember(string? line)
    {
        if (line is null)
            return;

        _lastLines.Enqueue(line);
        while (_lastLines.Count > 50)
            _lastLines.TryDequeue(out _);
        Log?.Invoke(line);
    }
}
