using Shop.EmbeddedHosting.Processes;

namespace Shop.EmbeddedHosting.Provisioning;

/// <summary>
/// Programs fetched without root into the user's cache folder, for machines that do not have them installed. One process at a time
/// fetches (a file lock), the others wait and find its result. A copy is unpacked beside its place and moved there when it is whole,
/// so that a copy that exists is complete; what an interrupted download has left is used by the next.
/// </summary>
internal static class PrivateCopy
{
    /// <summary>The script that runs <paramref name="program"/> from its private copy, which is fetched when it is not there.</summary>
    public static async Task<string> LocateAsync(string program, Action<string> announce, CancellationToken cancellationToken)
    {
        var package = PrivatePackage.Of(program) ?? throw new PrivateCopyException($"there is no known package of '{program}'.");
        var cache = CacheFolder();
        var copy = Path.Combine(cache, package.Name);
        var script = Path.Combine(copy, "bin", program);
        if (File.Exists(script))
            return script;
        if (!File.Exists("/usr/bin/apt-get") || !File.Exists("/usr/bin/dpkg-deb"))
            throw new PrivateCopyException("only Debian's and Ubuntu's package manager (apt-get) can do it, and it is not here.");

        var exclusive = await LockAsync(Path.Combine(cache, "lock"), announce, cancellationToken).ConfigureAwait(false);
        await using (exclusive.ConfigureAwait(false))
        {
            if (File.Exists(script))
                return script;

            var started = TimeProvider.System.GetTimestamp();
            announce($"'{program}' is not installed: fetching a private copy of the package '{package.Package}' into {copy} (without root, once).");
            await FetchAsync(package, copy, new AptDownload(Path.Combine(cache, "apt"), announce), announce, cancellationToken).ConfigureAwait(false);
            announce($"'{program}' is ready after {TimeProvider.System.GetElapsedTime(started).TotalSeconds:0.0} s.");
            return script;
        }
    }

    private static async Task FetchAsync(PrivatePackage package, string copy, AptDownload apt, Action<string> announce, CancellationToken cancellationToken)
    {
        var archives = await apt.RunAsync(package, cancellationToken).ConfigureAwait(false);
        announce($"Unpacking {archives.Count} packages.");
        var unfinished = copy + ".unfinished";
        if (Directory.Exists(unfinished))
            Directory.Delete(unfinished, recursive: true);
        var root = Directory.CreateDirectory(Path.Combine(unfinished, "root")).FullName;
        foreach (var archive in archives)
            await Command.SucceedAsync(new("dpkg-deb", ["-x", archive, root]), cancellationToken).ConfigureAwait(false);

        await LaunchScripts.WriteAsync(package, unfinished, finalPlace: copy, cancellationToken).ConfigureAwait(false);
        if (Directory.Exists(copy))
            Directory.Delete(copy, recursive: true);
        Directory.Move(unfinished, copy);
        apt.Clean();
    }

    /// <summary>
    /// Under root the servers run as another user, who must reach their programs: a folder of the system. Else the user's cache.
    /// </summary>
    private static string CacheFolder()
    {
        var folder =
            Environment.GetEnvironmentVariable("SHOP_CACHE_FOLDER") is { Length: > 0 } chosen ? chosen
            : PosixSignals.RunningAsRoot ? "/var/cache/shop-embedded-hosting"
            : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? Path.Combine(cache, "shop-embedded-hosting")
            : Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home ? Path.Combine(home, ".cache", "shop-embedded-hosting")
            : Path.Combine(Path.GetTempPath(), $"shop-embedded-hosting-{Environment.UserName}");
        try
        {
            Directory.CreateDirectory(folder);
            if (!OperatingSystem.IsWindows() && PosixSignals.RunningAsRoot)
                File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
            return folder;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PrivateCopyException($"the cache folder {folder} cannot be written ({exception.Message}); SHOP_CACHE_FOLDER names another.");
        }
    }

    private static async Task<FileStream> LockAsync(string file, Action<string> announce, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        var announced = false;
        while (true)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                if (!announced)
                    announce("Another process is fetching programs; waiting for it.");
                announced = true;
                await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
