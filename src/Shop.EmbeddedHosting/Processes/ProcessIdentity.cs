using System.Globalization;
using System.Runtime.InteropServices;

namespace Shop.EmbeddedHosting.Processes;

/// <summary>
/// A process that is not our child, told apart from a later one with the same id by its start time. Read from /proc; where there is
/// none (macOS), no process is ever found.
/// </summary>
/// <param name="Id">The process id.</param>
/// <param name="StartTime">In the kernel's clock ticks since boot.</param>
/// <param name="CommandLine">Arguments separated by spaces.</param>
internal sealed partial record ProcessIdentity(int Id, long StartTime, string CommandLine)
{
    /// <summary>The living process with this id; null when there is none, or when it has ended and only waits to be reaped.</summary>
    public static ProcessIdentity? Of(int id)
    {
        try
        {
            // The command's name, in parentheses, may hold anything: the numbers follow the last parenthesis, beginning with field 3, the state.
            var stat = File.ReadAllText($"/proc/{id}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            if (fields[0] is "Z" or "X")
                return null;
            var commandLine = File.ReadAllText($"/proc/{id}/cmdline").Replace('\0', ' ').TrimEnd();
            return new ProcessIdentity(id, long.Parse(fields[19], CultureInfo.InvariantCulture), commandLine);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>All processes of this machine that work in <paramref name="folder"/>, as far as we may see.</summary>
    public static IEnumerable<ProcessIdentity> WithWorkingDirectory(string folder)
    {
        var real = RealPath(folder, 0);
        return
            from entry in Directory.Exists("/proc") ? Directory.EnumerateDirectories("/proc") : []
            let id = int.TryParse(Path.GetFileName(entry), CultureInfo.InvariantCulture, out var number) ? number : 0
            where id != 0 && real is not null && WorkingDirectoryOf(id) == real
            let identity = Of(id)
            where identity is not null
            select identity;
    }

    /// <summary>The process that has one of these open: <c>socket:[inode]</c>.</summary>
    public static ProcessIdentity? HolderOf(HashSet<string> files)
    {
        foreach (var entry in Directory.Exists("/proc") ? Directory.EnumerateDirectories("/proc") : [])
        {
            try
            {
                if (int.TryParse(Path.GetFileName(entry), CultureInfo.InvariantCulture, out var id)
                    && Directory.EnumerateFiles($"{entry}/fd").Any(file => new FileInfo(file).LinkTarget is { } target && files.Contains(target)))
                    return Of(id);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Another user's, or gone meanwhile.
            }
        }

        return null;
    }

    /// <summary>Whether this very process still runs.</summary>
    public bool IsAlive => Of(Id) is { } now && now.StartTime == StartTime;

    /// <summary>Asks it to end by <paramref name="signal"/>, with the process group that it leads, kills them after five seconds, and returns when it is gone.</summary>
    public async Task EndAsync(int signal, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (IsAlive)
        {
            var elapsed = TimeProvider.System.GetElapsedTime(started);
            if (elapsed > TimeSpan.FromSeconds(15))
                throw new InvalidOperationException($"Process {Id} ({CommandLine}) was left behind by an earlier run and cannot be ended. End it, and start again.");
            var strength = elapsed > TimeSpan.FromSeconds(5) ? PosixSignals.Kill : signal;
            if (!PosixSignals.Send(-Id, strength))
                PosixSignals.Send(Id, strength);
            await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
        }

        PosixSignals.Send(-Id, PosixSignals.Kill); // children that did not listen
    }

    private static string? WorkingDirectoryOf(int id)
    {
        try
        {
            return new FileInfo($"/proc/{id}/cwd").LinkTarget;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // The kernel answers with paths that have no symbolic links in them.
    [LibraryImport("libc", EntryPoint = "realpath", StringMarshalling = StringMarshalling.Utf8)]
    private static partial string? RealPath(string path, nint buffer);
}
