using System.Diagnostics;
using System.Text;

namespace Shop.EmbeddedHosting.Processes;

/// <summary>Runs a short command to its end.</summary>
internal static class Command
{
    public static async Task<CommandResult> RunAsync(ProcessStartInfo start, CancellationToken cancellationToken)
    {
        var commandLine = $"{start.FileName} {string.Join(' ', start.ArgumentList)}";
        var output = new StringBuilder();
        var process = ChildProcess.Start(start, line => { lock (output) output.AppendLine(line); });
        await using var _ = process.ConfigureAwait(false);
        var exitCode = await process.Exited.WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (output)
            return new CommandResult(commandLine, exitCode, output.ToString());
    }

    /// <summary>Runs it, and throws with its output when it fails.</summary>
    public static async Task<string> SucceedAsync(ProcessStartInfo start, CancellationToken cancellationToken)
    {
        var result = await RunAsync(start, cancellationToken).ConfigureAwait(false);
        return result.ExitCode == 0
            ? result.Output
            : throw new InvalidOperationException($"{result.CommandLine} ended with exit code {result.ExitCode}:\n{result.Output}");
    }
}

internal sealed record CommandResult(string CommandLine, int ExitCode, string Output);
