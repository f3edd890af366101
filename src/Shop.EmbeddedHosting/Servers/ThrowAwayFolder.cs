using Shop.EmbeddedHosting.Processes;

namespace Shop.EmbeddedHosting.Servers;

/// <summary>Folders below the system's temporary folder that are deleted when this process ends, however it ends.</summary>
public static class ThrowAwayFolder
{
    /// <summary>Creates a folder named <c>shop-kind-</c> and something random.</summary>
    public static string Create(string kind)
    {
        var folder = Directory.CreateTempSubdirectory($"shop-{kind}-").FullName;
        OrphanGuard.ThrowAway(folder);
        return folder;
    }

    /// <summary>Deletes one before that, if it is still there.</summary>
    public static void Delete(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        OrphanGuard.Thrown(folder);
    }
}
