namespace Shop.EmbeddedHosting.Provisioning;

/// <summary>
/// Writes, for each program of a copy, the script that runs it with the copy's libraries and fonts. It ends in <c>exec</c>, so that
/// whoever starts the script has the program's own process id.
/// </summary>
internal static class LaunchScripts
{
    public static async Task WriteAsync(PrivatePackage package, string copy, string finalPlace, CancellationToken cancellationToken)
    {
        var root = Path.Combine(copy, "root");
        string Final(string path) => finalPlace + path[copy.Length..];

        var libraries = string.Join(':', LibraryFolders(root).Select(Final));
        var fonts = Path.Combine(root, "usr", "share", "fonts");
        var environment = libraries.Length > 0 ? $"export LD_LIBRARY_PATH='{libraries}'${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}\n" : "";
        if (Directory.Exists(fonts))
        {
            var configuration = Path.Combine(copy, "fonts.conf");
            await File.WriteAllTextAsync(configuration, FontConfiguration(Final(fonts)), cancellationToken).ConfigureAwait(false);
            environment += $"export FONTCONFIG_FILE='{Final(configuration)}'\n";
        }

        var scripts = Directory.CreateDirectory(Path.Combine(copy, "bin")).FullName;
        foreach (var pattern in package.Programs)
        {
            var program = Find(root, pattern.Split('/'))
                ?? throw new PrivateCopyException($"the package '{package.Package}' holds no {pattern}.");
            var script = Path.Combine(scripts, Path.GetFileName(program));
            await File.WriteAllTextAsync(script, $"#!/bin/sh\n{environment}exec '{Final(program)}' \"$@\"\n", cancellationToken).ConfigureAwait(false);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(script, (UnixFileMode)0b111_101_101);
        }
    }

    /// <summary>
    /// The system's library folders (<c>usr/lib/x86_64-linux-gnu</c>) and those one below that hold libraries too: a package that keeps
    /// its own there names them by their usual, absolute path, which is not where they are now.
    /// </summary>
    private static IEnumerable<string> LibraryFolders(string root) =>
        from parent in (string[])["usr/lib", "lib"]
        where Directory.Exists(Path.Combine(root, parent))
        from general in Directory.EnumerateDirectories(Path.Combine(root, parent), "*-linux-gnu*")
        from folder in (IEnumerable<string>)[general, .. Directory.EnumerateDirectories(general).Order(StringComparer.Ordinal)]
        where Directory.EnumerateFiles(folder, "*.so*").Any()
        select folder;

    private static string? Find(string folder, ReadOnlySpan<string> path)
    {
        if (path.Length == 1)
            return new FileInfo(Path.Combine(folder, path[0])) is { } file && (file.Exists || file.LinkTarget is not null) ? file.FullName : null;

        if (!Directory.Exists(folder))
            return null;
        foreach (var child in Directory.EnumerateDirectories(folder, path[0]))
        {
            if (Find(child, path[1..]) is { } found)
                return found;
        }

        return null;
    }

    private static string FontConfiguration(string fonts) =>
        $"""
        <?xml version="1.0"?>
        <!DOCTYPE fontconfig SYSTEM "fonts.dtd">
        <fontconfig>
          <dir>{fonts}</dir>
          <dir>/usr/share/fonts</dir>
          <dir prefix="xdg">fonts</dir>
          <cachedir prefix="xdg">fontconfig</cachedir>
        </fontconfig>

        """;
}
