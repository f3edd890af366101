using System.Globalization;
using System.Text.Json;
using Shop.Benchmarks.Harness;

namespace Shop.Benchmarks.Results;

/// <summary>The results as JSON, in a folder of the repository that Git ignores. A run replaces the scenarios that it measured and keeps the others.</summary>
internal static class ResultStore
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>The folder that holds Shop.sln.</summary>
    public static string Repository { get; } = FindRepository();

    public static string Folder => Path.Combine(Repository, "artifacts", "benchmarks");

    private static string Results => Path.Combine(Folder, "results.json");

    /// <exception cref="UsageException">Nothing was measured yet.</exception>
    public static ResultFile Load() => TryLoad() ?? throw new UsageException($"There are no results in {Results} yet: run a scenario, or all.");

    public static void Save(ScenarioResult result)
    {
        var known = TryLoad() is { } last && last.Machine == Machine.Here ? last.Scenarios : [];
        if (known.Count == 0)
            SetAside();
        known[result.Name] = result;
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Results, JsonSerializer.Serialize(new ResultFile(Machine.Here, known), Json));
        File.WriteAllText(Path.Combine(Folder, $"{result.Name}.svg"), Chart.Draw(result));
    }

    /// <summary>Results of another machine (or of this one with other processors) are no use beside those of this one, and may have taken hours.</summary>
    private static void SetAside()
    {
        if (!File.Exists(Results))
            return;
        var aside = Path.Combine(Folder, string.Create(CultureInfo.InvariantCulture, $"results-until-{File.GetLastWriteTimeUtc(Results):yyyyMMdd-HHmmss}.json"));
        File.Move(Results, aside, overwrite: true);
        Console.WriteLine($"The results so far are of another machine; they are in {aside} now.");
    }

    private static ResultFile? TryLoad() => File.Exists(Results) ? JsonSerializer.Deserialize<ResultFile>(File.ReadAllText(Results), Json) : null;

    private static string FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Shop.sln")))
                return folder.FullName;
        }

        throw new UsageException($"No folder above {AppContext.BaseDirectory} holds Shop.sln: run it from the repository.");
    }
}
