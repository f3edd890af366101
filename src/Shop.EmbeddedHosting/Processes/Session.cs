using System.Diagnostics;

namespace Shop.EmbeddedHosting.Processes;

/// <summary>
/// Starts children in sessions of their own: Ctrl+C in the terminal then reaches only us, who stop them in order, and a signal to the
/// child's process group reaches its own children as well.
/// </summary>
internal static class Session
{
    private static readonly string? SetSid = new[] { "/usr/bin/setsid", "/bin/setsid" }.FirstOrDefault(File.Exists);

    /// <summary>The same start, behind <c>setsid</c>, which keeps the process id; unchanged where there is no <c>setsid</c> (macOS).</summary>
    public static ProcessStartInfo Leader(ProcessStartInfo start)
    {
        if (SetSid is null)
            return start;

        string[] arguments = [start.FileName, .. start.ArgumentList];
        start.FileName = SetSid;
        start.ArgumentList.Clear();
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return start;
    }
}
