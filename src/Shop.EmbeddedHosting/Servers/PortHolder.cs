using System.Globalization;
using Shop.EmbeddedHosting.Processes;

namespace Shop.EmbeddedHosting.Servers;

/// <summary>Who listens on a port, as far as /proc tells us.</summary>
internal static class PortHolder
{
    private const string Listening = "0A";

    /// <summary>For example <c> by process 4711 (nginx -g daemon off)</c>; empty when it cannot be told.</summary>
    public static string Describe(int port)
    {
        var sockets = Sockets(port).Select(static inode => $"socket:[{inode}]").ToHashSet(StringComparer.Ordinal);
        return sockets.Count > 0 && ProcessIdentity.HolderOf(sockets) is { } holder
            ? $" by process {holder.Id} ({(holder.CommandLine.Length > 80 ? holder.CommandLine[..80] + "…" : holder.CommandLine)})"
            : "";
    }

    /// <summary>The inodes of the sockets that listen on the port, from the kernel's table: columns 1 (local address), 3 (state) and 9 (inode).</summary>
    private static IEnumerable<string> Sockets(int port) =>
        from file in (string[])["/proc/net/tcp", "/proc/net/tcp6"]
        where File.Exists(file)
        from line in File.ReadLines(file).Skip(1)
        let columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        where columns[3] == Listening && int.Parse(columns[1][(columns[1].LastIndexOf(':') + 1)..], NumberStyles.HexNumber, CultureInfo.InvariantCulture) == port
        select columns[9];
}
