namespace Shop.Testing;

/// <summary>Folders for one test run, below the system's temporary folder.</summary>
public static class TemporaryFolder
{
    public static string Create(string kind) => Directory.CreateTempSubdirectory($"shop-{kind}-").FullName;
}
