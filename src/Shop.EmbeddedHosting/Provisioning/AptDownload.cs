using System.Diagnostics;
using System.Text.RegularExpressions;
using Shop.EmbeddedHosting.Processes;

namespace Shop.EmbeddedHosting.Provisioning;

/// <summary>
/// Downloads Debian packages as an ordinary user. apt works on state folders of our own beside the system's sources and keys; the
/// system's list of installed packages is copied, so that only what is missing is fetched.
/// </summary>
/// <param name="folder">Where apt's index, downloads and configuration are kept between calls.</param>
/// <param name="announce">Told what is being done.</param>
internal sealed partial class AptDownload(string folder, Action<string> announce)
{
    /// <summary>The C library must be the one that the system's loader belongs to, also when a newer one is offered.</summary>
    private static readonly string[] SystemOnly = ["libc6_", "libc-bin_", "libc-l10n_", "locales_"];

    private string Archives => Path.Combine(folder, "archives");

    private string Configuration => Path.Combine(folder, "apt.conf");

    /// <summary>Fetches a package, what it needs and the system lacks, and answers the archives.</summary>
    public async Task<IReadOnlyList<string>> RunAsync(PrivatePackage package, CancellationToken cancellationToken)
    {
        await PrepareAsync(cancellationToken).ConfigureAwait(false);

        announce("Updating a private package index.");
        var update = await AptAsync(["update"], cancellationToken).ConfigureAwait(false); // one source may fail while the others have what we need

        announce($"Downloading '{package.Package}' and what it needs.");
        var install = await AptAsync(["-y", "--download-only", "--no-install-recommends", "install", package.Package, .. package.Extra], cancellationToken).ConfigureAwait(false);
        if (install.ExitCode != 0)
            throw new PrivateCopyException($"apt-get failed.\n{Indent(update.Output)}{Indent(install.Output)}");

        var present = Present();
        string[] missing = [.. (await OwnPackagesAsync(package, cancellationToken).ConfigureAwait(false)).Where(name => !present.Any(archive => Path.GetFileName(archive).StartsWith(name + "_", StringComparison.Ordinal)))];
        if (missing.Length > 0)
        {
            var download = await AptAsync(["download", .. missing], cancellationToken).ConfigureAwait(false);
            if (download.ExitCode != 0)
                throw new PrivateCopyException($"apt-get failed.\n{Indent(download.Output)}");
        }

        return [.. Present().Where(static archive => !SystemOnly.Any(name => Path.GetFileName(archive).StartsWith(name, StringComparison.Ordinal)))];
    }

    /// <summary>Drops the archives once they are unpacked.</summary>
    public void Clean()
    {
        foreach (var archive in Present())
            File.Delete(archive);
    }

    private string[] Present() => Directory.GetFiles(Archives, "*.deb");

    /// <summary>Resolves <c>postgresql-</c> to the version that <c>postgresql</c> stands for.</summary>
    private async Task<IReadOnlyList<string>> OwnPackagesAsync(PrivatePackage package, CancellationToken cancellationToken)
    {
        if (!package.Own.Any(static name => name.EndsWith('-')))
            return package.Own;

        var start = new ProcessStartInfo("apt-cache", ["-c", Configuration, "depends", package.Package]);
        var dependencies = await Command.SucceedAsync(start, cancellationToken).ConfigureAwait(false);
        return [.. package.Own.Select(name => name.EndsWith('-')
            ? DependsLine().Matches(dependencies).Select(static match => match.Groups[1].Value).FirstOrDefault(found => found.StartsWith(name, StringComparison.Ordinal))
                ?? throw new PrivateCopyException($"the package '{package.Package}' depends on no '{name}…'.")
            : name)];
    }

    private Task<CommandResult> AptAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("apt-get", ["-q", "-c", Configuration, .. arguments]) { WorkingDirectory = Archives };
        start.Environment["DEBIAN_FRONTEND"] = "noninteractive";
        start.Environment["LC_ALL"] = "C";
        return Command.RunAsync(start, cancellationToken);
    }

    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        foreach (var subfolder in (string[])["lists/partial", "archives/partial", "log"])
            Directory.CreateDirectory(Path.Combine(folder, subfolder));
        File.Copy("/var/lib/dpkg/status", Path.Combine(folder, "status"), overwrite: true);

        // The hooks belong to the system's package manager: they clean the system's folders, which are not ours.
        await File.WriteAllTextAsync(
            Configuration,
            $"""
            Dir::State "{folder}";
            Dir::State::lists "{folder}/lists";
            Dir::State::status "{folder}/status";
            Dir::Cache "{folder}";
            Dir::Cache::archives "{Archives}";
            Dir::Log "{folder}/log";
            Debug::NoLocking "1";
            APT::Sandbox::User "{Environment.UserName}";
            APT::Get::List-Cleanup "0";
            Acquire::Languages "none";
            Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
            Acquire::Retries "2";
            #clear APT::Update::Pre-Invoke;
            #clear APT::Update::Post-Invoke;
            #clear APT::Update::Post-Invoke-Success;
            #clear DPkg::Pre-Invoke;
            #clear DPkg::Pre-Install-Pkgs;
            #clear DPkg::Post-Invoke;

            """,
            cancellationToken).ConfigureAwait(false);
    }

    private static string Indent(string text) => string.Concat(text.TrimEnd().Split('\n').TakeLast(12).Select(static line => $"      {line}\n"));

    [GeneratedRegex(@"Depends: (\S+)")]
    private static partial Regex DependsLine();
}
