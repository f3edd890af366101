namespace Shop.EmbeddedHosting.Provisioning;

/// <summary>What to fetch for a program on Debian and Ubuntu, and where it then is.</summary>
/// <param name="Name">The folder of the copy; programs of one package share it.</param>
/// <param name="Package">The package whose dependencies are fetched, as far as the system does not have them.</param>
/// <param name="Own">
/// The packages that hold the program itself, fetched even if the system believes to have them. One that ends in <c>-</c> stands for
/// the versioned package of that name on which <paramref name="Package"/> depends.
/// </param>
/// <param name="Extra">Further packages.</param>
/// <param name="Programs">Executables inside the copy, with <c>*</c> for a folder whose name carries a version.</param>
internal sealed record PrivatePackage(string Name, string Package, string[] Own, string[] Extra, string[] Programs)
{
    private static readonly PrivatePackage[] Known =
    [
        // redis-server is a link to a program in redis-tools.
        new("redis", "redis-server", ["redis-server", "redis-tools"], [], ["usr/bin/redis-server", "usr/bin/redis-cli"]),
        new("postgresql", "postgresql", ["postgresql-"], [], ["usr/lib/postgresql/*/bin/postgres", "usr/lib/postgresql/*/bin/initdb"]),
        new("chromium", "chromium", ["chromium", "chromium-common"], ["fonts-liberation"], ["usr/lib/chromium/chromium"]),
    ];

    /// <summary>The package of a program; null when we know none.</summary>
    public static PrivatePackage? Of(string program) =>
        Array.Find(Known, package => package.Programs.Any(path => Path.GetFileName(path) == program));
}
