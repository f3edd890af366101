using Shop.EmbeddedHosting.Servers;

namespace Shop.Testing;

/// <summary>Folders for one test run, below the system's temporary folder; deleted when the run ends.</summary>
public static class TemporaryFolder
{
    public static string Create(string kind) => ThrowAwayFolder.Create(kind);
}
