using Shop.EmbeddedHosting.Processes;

namespace Shop.EmbeddedHosting.Servers;

/// <summary>
/// Where a cluster's files are. Under root PostgreSQL runs as another user, who cannot reach a data folder beneath, say, /root. The
/// cluster then lives in a folder of its own below /var/lib, and the data folder is a symbolic link to it: to delete the link is to
/// start afresh. The folder beyond names the link that it belongs to, so that a copied link does not share it, and the files of a
/// deleted link are thrown away when that link is made again.
/// </summary>
internal static class PostgresCluster
{
    private const string Elsewhere = "/var/lib/shop-embedded-hosting";
    private const string BelongsTo = "belongs-to";

    /// <summary>The folder of the cluster that <paramref name="dataFolder"/> stands for, whether or not it has been initialised.</summary>
    public static async Task<string> LocateAsync(string dataFolder, CancellationToken cancellationToken)
    {
        var link = Path.GetFullPath(dataFolder);
        if (UnprivilegedUser.Needed is not { } user)
            return link;

        if (new DirectoryInfo(link).LinkTarget is { } target)
        {
            if (await OwnerOfAsync(target, cancellationToken).ConfigureAwait(false) == link)
                return target;
            Directory.Delete(link);
        }

        var parent = Directory.CreateDirectory(Path.GetDirectoryName(link)!).FullName;
        if (await user.CanEnterAsync(parent, cancellationToken).ConfigureAwait(false))
            return link;
        if (Directory.Exists(link))
            throw new InvalidOperationException($"PostgreSQL runs as the user '{user.Name}', who cannot enter {parent}, where its data is. Let others pass through that folder, or start with another --data-folder.");

        return await MoveOutAsync(link, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Ends the processes of a server that served this cluster and was left behind, and removes its pid file. Every process of
    /// PostgreSQL has the cluster as its working directory: that says whose it is better than a pid, which may be another's by now.
    /// </summary>
    public static async Task EndLeftoversAsync(string cluster, CancellationToken cancellationToken)
    {
        foreach (var process in ProcessIdentity.WithWorkingDirectory(cluster))
            await process.EndAsync(PosixSignals.Quit, cancellationToken).ConfigureAwait(false);
        File.Delete(Path.Combine(cluster, "postmaster.pid"));
    }

    private static async Task<string> MoveOutAsync(string link, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Elsewhere);
        foreach (var earlier in Directory.EnumerateDirectories(Elsewhere))
        {
            if (await OwnerOfAsync(Path.Combine(earlier, "cluster"), cancellationToken).ConfigureAwait(false) == link)
                Directory.Delete(earlier, recursive: true);
        }

        var home = Path.Combine(Elsewhere, Guid.CreateVersion7().ToString("N"));
        Directory.CreateDirectory(home);
        await File.WriteAllTextAsync(Path.Combine(home, BelongsTo), link, cancellationToken).ConfigureAwait(false);
        var cluster = Path.Combine(home, "cluster");
        Directory.CreateSymbolicLink(link, cluster);
        return cluster;
    }

    private static async Task<string?> OwnerOfAsync(string cluster, CancellationToken cancellationToken)
    {
        var file = Path.Combine(Path.GetDirectoryName(cluster)!, BelongsTo);
        return File.Exists(file) ? await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false) : null;
    }
}
