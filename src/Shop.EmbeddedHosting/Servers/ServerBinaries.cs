namespace Shop.EmbeddedHosting.Servers;

/// <summary>Finds the executables of redis-server and PostgreSQL on this machine.</summary>
public static class ServerBinaries
{
    private static readonly string[] UsualFolders =
        ["/usr/local/bin", "/usr/bin", "/usr/sbin", "/opt/homebrew/bin", .. PostgresFolders()];

    /// <summary>The full path of <paramref name="name"/>, for example <c>redis-server</c>, <c>postgres</c> or <c>initdb</c>.</summary>
    public static Task<string> LocateAsync(string name, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var found = path.Concat(UsualFolders).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException($"'{name}' was not found on the PATH or in {string.Join(", ", UsualFolders)}. Install it, or put its folder on the PATH.");
        return Task.FromResult(Path.GetFullPath(found));
    }

    private static IEnumerable<string> PostgresFolders() =>
        Directory.Exists("/usr/lib/postgresql")
            ? Directory.EnumerateDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).Select(version => Path.Combine(version, "bin"))
            : [];
}
