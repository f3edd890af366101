using System.Diagnostics;

namespace Shop.EmbeddedHosting.Processes;

/// <summary>One child in a session of its own; it never outlives this process (see <see cref="OrphanGuard"/>).</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task _output;

    private ChildProcess(Process process, Action<string> log, int deathSignal)
    {
        _process = process;
        Id = process.Id;
        OrphanGuard.Watch(Id, deathSignal);
        _output = Task.WhenAll(PumpAsync(process.StandardOutput, log), PumpAsync(process.StandardError, log));
        Exited = WaitAsync();
    }

    public int Id { get; }

    /// <summary>Completes with the exit code when the process ends, whether or not somebody still holds its output.</summary>
    public Task<int> Exited { get; }

    public bool IsRunning => !Exited.IsCompleted;

    /// <param name="start">What to run; its output is redirected.</param>
    /// <param name="log">Called with every line that the process prints, from several threads.</param>
    /// <param name="deathSignal">The signal that ends it when this process is gone.</param>
    public static ChildProcess Start(ProcessStartInfo start, Action<string> log, int deathSignal = PosixSignals.Kill)
    {
        Session.Leader(start);
        start.RedirectStandardOutput = start.RedirectStandardError = start.RedirectStandardInput = true;
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return new ChildProcess(process, log, deathSignal);
    }

    public void Pause() => Signal(PosixSignals.Stop);

    public void Resume() => Signal(PosixSignals.Continue);

    /// <summary>Sends a signal to the process; nothing happens when it has ended.</summary>
    public void Signal(int signal)
    {
        if (IsRunning)
            PosixSignals.Send(Id, signal);
    }

    /// <summary>Ends the process and its children as a crash would (SIGKILL).</summary>
    public async Task<int> KillAsync()
    {
        if (IsRunning && !PosixSignals.Send(-Id, PosixSignals.Kill))
            _process.Kill(entireProcessTree: true);
        return await Exited.ConfigureAwait(false);
    }

    /// <summary>Asks the process to end with <paramref name="signal"/>, and kills it when it has not after <paramref name="patience"/>.</summary>
    public async Task<int> StopAsync(int signal, TimeSpan patience)
    {
        Signal(signal);
        Resume();
        try
        {
            return await Exited.WaitAsync(patience).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return await KillAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Kills the process if it still runs, and forgets it.</summary>
    public async ValueTask DisposeAsync()
    {
        await KillAsync().ConfigureAwait(false);
        _process.Dispose();
    }

    private async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync().ConfigureAwait(false);
        var exitCode = _process.ExitCode;

        // What it printed last says why it ended. A grandchild may hold the pipe open for ever, so this waits a moment only.
        await Task.WhenAny(_output, Task.Delay(TimeSpan.FromMilliseconds(300))).ConfigureAwait(false);
        PosixSignals.Send(-Id, PosixSignals.Kill);
        OrphanGuard.Forget(Id);
        return exitCode;
    }

    private static async Task PumpAsync(StreamReader reader, Action<string> log)
    {
        try
        {
            while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
                log(line);
        }
        catch (Exception exception) when (exception is ObjectDisposedException or IOException or OperationCanceledException)
        {
            // The process was disposed while a grandchild still held its output: there is nobody left to read for.
        }
    }
}
