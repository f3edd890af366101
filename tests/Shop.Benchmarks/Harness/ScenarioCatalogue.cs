namespace Shop.Benchmarks.Harness;

/// <summary>All scenarios of this assembly.</summary>
internal static class ScenarioCatalogue
{
    private static readonly Scenario[] All =
    [
        .. typeof(Scenario).Assembly.GetTypes()
            .Where(static type => type.IsSubclassOf(typeof(Scenario)) && !type.IsAbstract && type.GetConstructor([]) is not null)
            .Select(static type => (Scenario)Activator.CreateInstance(type)!)
            .OrderBy(static scenario => scenario.Order).ThenBy(static scenario => scenario.Name, StringComparer.Ordinal),
    ];

    /// <exception cref="UsageException">One of the names is unknown: the message lists those that there are.</exception>
    public static IReadOnlyList<Scenario> Select(string names)
    {
        if (names == "all")
            return All;
        return [.. names.Split(',').Select(static name => Array.Find(All, scenario => scenario.Name == name)
            ?? throw new UsageException($"There is no scenario '{name}'.\n{Listing()}"))];
    }

    public static void Print(TextWriter output) => output.WriteLine(Listing());

    public static string Listing() =>
        "Scenarios:\n" + string.Join('\n', All.Select(static scenario => $"  {scenario.Name,-24} {scenario.Measures}"));
}
