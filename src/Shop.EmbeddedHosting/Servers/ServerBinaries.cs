using System.Globalization;
using Shop.EmbeddedHosting.Provisioning;

namespace Shop.EmbeddedHosting.Servers;

/// <summary>
/// Finds the programs that the shop needs beside .NET: on the PATH, else in the folders where installers usually put them, else by
/// fetching a private copy with the system's package manager, which needs no root.
/// </summary>
public static class ServerBinaries
{
    /// <summary>The full path of a program, for example <c>redis-server</c>, <c>postgres</c>, <c>initdb</c> or <c>chromium</c>.</summary>
    /// <param name="name">The name of the executable.</param>
    /// <param name="cancellationToken">Ends a download that is under way; the next call goes on with it.</param>
    /// <returns>An executable, or a script that runs one with its private libraries and keeps its process id.</returns>
    /// <exception cref="InvalidOperationException">None of the ways worked; the message names all of them.</exception>
    public static async Task<string> LocateAsync(string name, CancellationToken cancellationToken = default)
    {
        if (!PreferPrivateCopy && Installed(name) is { } found)
            return found;

        try
        {
            return await PrivateCopy.LocateAsync(name, Announce, cancellationToken).ConfigureAwait(false);
        }
        catch (PrivateCopyException exception)
        {
            throw new InvalidOperationException(
                $"""
                '{name}' was not found. Ways to go on:
                  - install it, for example: {HowToInstall(name)};
                  - or, if it is installed, put its folder on the PATH (searched: the PATH, {string.Join(", ", UsualFolders())});{ConnectInstead(name)}
                  - or let it be fetched without root, which was tried and did not work: {exception.Message}
                """,
                exception);
        }
    }

    /// <summary>The same without fetching anything; null when it is not installed.</summary>
    internal static string? Installed(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Concat(UsualFolders())
            .Select(folder => Path.GetFullPath(Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists);

    /// <summary><c>SHOP_PREFER_PRIVATE_COPY=true</c> passes over what is installed: for a machine whose servers are too old.</summary>
    private static bool PreferPrivateCopy => bool.TryParse(Environment.GetEnvironmentVariable("SHOP_PREFER_PRIVATE_COPY"), out var prefer) && prefer;

    private static void Announce(string line) => Console.Error.WriteLine(line);

    private static IEnumerable<string> UsualFolders() =>
    [
        "/usr/local/bin", "/usr/bin", "/usr/sbin", "/opt/homebrew/bin",
        .. PostgresFolders("/usr/lib/postgresql", "*", "bin"), // Debian
        .. PostgresFolders("/usr", "pgsql-*", "bin"), // Red Hat
        .. PostgresFolders("/opt/homebrew/opt", "postgresql*", "bin"),
        .. PostgresFolders("/usr/local/opt", "postgresql*", "bin"),
    ];

    private static IEnumerable<string> PostgresFolders(string parent, string pattern, string child) =>
        Directory.Exists(parent)
            ? Directory.EnumerateDirectories(parent, pattern).OrderByDescending(VersionIn).Select(folder => Path.Combine(folder, child))
            : [];

    private static double VersionIn(string folder) =>
        double.TryParse(string.Concat(Path.GetFileName(folder).Where(static letter => char.IsAsciiDigit(letter) || letter == '.')), CultureInfo.InvariantCulture, out var version) ? version : 0;

    private static string HowToInstall(string name) => name switch
    {
        "redis-server" => "apt install redis-server, dnf install redis, brew install redis",
        "postgres" or "initdb" => "apt install postgresql, dnf install postgresql-server, brew install postgresql",
        _ => $"apt install {name}",
    };

    private static string ConnectInstead(string name) => name switch
    {
        "redis-server" => "\n  - or use a server of your own: ConnectionStrings__redis=host:6379,password=… in the environment of the AppHost;",
        "postgres" or "initdb" => "\n  - or use a server of your own: ConnectionStrings__postgres='Host=…;Username=…;Password=…' in the environment of the AppHost;",
        _ => "",
    };
}
