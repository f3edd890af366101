using System.Diagnostics;

namespace Shop.EmbeddedHosting.Processes;

/// <summary>
/// Sees to it that children die with this process, also when it is killed with SIGKILL. One small shell per process holds the other
/// end of a pipe: when the kernel closes our end, the shell ends every process group that we named to it and throws our temporary
/// folders away. The kernel's parent-death signal would be simpler, but it follows the thread that forked instead of the process,
/// is dropped when a child changes its user (PostgreSQL under root), and misses grandchildren.
/// </summary>
internal static class OrphanGuard
{
    private static readonly Lock Gate = new();
    private static Process? _shell;

    /// <summary>The process group that <paramref name="processId"/> leads ends by <paramref name="signal"/> when this process is gone.</summary>
    public static void Watch(int processId, int signal) => Tell($"+ {processId} {signal}");

    /// <summary>The process has ended.</summary>
    public static void Forget(int processId) => Tell($"- {processId}");

    /// <summary>The folder is removed when this process is gone.</summary>
    public static void ThrowAway(string folder) => Tell($"> {folder}");

    /// <summary>The folder has been removed.</summary>
    public static void Thrown(string folder) => Tell($"< {folder}");

    private static void Tell(string instruction)
    {
        lock (Gate)
        {
            if (_shell is null or { HasExited: true })
                _shell = Start();
            _shell.StandardInput.Write(instruction + "\n");
            _shell.StandardInput.Flush();
        }
    }

    private static Process Start()
    {
        using var script = new StreamReader(typeof(OrphanGuard).Assembly.GetManifestResourceStream("orphan-guard.sh")!);
        var start = Session.Leader(new ProcessStartInfo("/bin/sh", ["-c", script.ReadToEnd(), "shop-orphan-guard"]));
        start.RedirectStandardInput = true;
        start.WorkingDirectory = "/";
        return Process.Start(start)!;
    }
}
