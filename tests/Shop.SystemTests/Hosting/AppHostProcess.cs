using System.Diagnostics;
using System.Text;
using Shop.EmbeddedHosting.Processes;
using Shop.EmbeddedHosting.Servers;

namespace Shop.SystemTests.Hosting;

/// <summary>The sample AppHost as a user starts it: a process of its own, with its output read.</summary>
internal sealed class AppHostProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private AppHostProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Append(line.Data);
        process.ErrorDataReceived += (_, line) => Append(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <param name="args">The AppHost's own arguments; a free port for the service is added.</param>
    /// <returns>The process, just started.</returns>
    public static AppHostProcess Start(params string[] args) => Run([.. args, .. args.Any(static arg => arg.StartsWith("--sample-port", StringComparison.Ordinal)) ? (string[])[] : [$"--sample-port={FreePort.Next()}"]]);

    /// <summary>Runs the program with exactly these arguments, perhaps as another user.</summary>
    public static AppHostProcess Run(string[] args, string[]? prefix = null, params (string Name, string Value)[] environment)
    {
        string[] command = [.. prefix ?? [], "dotnet", Path.Combine(AppContext.BaseDirectory, "Shop.SampleAppHost.dll"), .. args];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new AppHostProcess(new Process { StartInfo = start });
    }

    /// <summary>Waits until the process has printed this.</summary>
    public Task SaysAsync(string text) =>
        Eventually.TrueAsync(() => Task.FromResult(Output.Contains(text, StringComparison.Ordinal)), $"'{text}' in the output of the AppHost:\n{Output}", TimeSpan.FromSeconds(60));

    /// <summary>Its children and their children.</summary>
    public IReadOnlyList<ProcessIdentity> Descendants()
    {
        var children = Directory.EnumerateDirectories("/proc")
            .Select(static entry => int.TryParse(Path.GetFileName(entry), System.Globalization.CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(static id => id != 0)
            .ToLookup(ParentOf);
        List<int> found = [Id];
        for (var i = 0; i < found.Count; i++)
            found.AddRange(children[found[i]]);
        return [.. found.Skip(1).Select(ProcessIdentity.Of).OfType<ProcessIdentity>()];
    }

    /// <summary>Ends it as a crash would.</summary>
    public void Kill() => PosixSignals.Send(Id, PosixSignals.Kill);

    /// <summary>Asks it to end, as Ctrl+C does, and answers its exit code.</summary>
    public async Task<int> StopAsync()
    {
        PosixSignals.Send(Id, PosixSignals.Terminate);
        return await ExitCodeAsync();
    }

    public async Task<int> ExitCodeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await StopAsync();
        _process.Dispose();
    }

    private void Append(string? line)
    {
        lock (_output)
            _output.AppendLine(line);
    }

    private static int ParentOf(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0; // it has ended meanwhile
        }
    }
}
