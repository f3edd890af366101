namespace Shop.Web.Layout;

/// <summary>The shop's icons: strokes on a square of 24, drawn with the colour of the text around them.</summary>
internal static class Icons
{
    private static readonly Dictionary<string, string> Paths = new(StringComparer.Ordinal)
    {
        ["alert"] = "M12 4 2.8 20h18.4zM12 10v4.5M12 17.2v.3",
        ["arrow-left"] = "M20 12H4m6-6-6 6 6 6",
        ["arrow-right"] = "M4 12h16m-6-6 6 6-6 6",
        ["bell"] = "M6 17V11a6 6 0 0 1 12 0v6l1.5 1.5h-15zM10 21h4M12 5V3",
        ["box-open"] = "M3 9l9-4 9 4v9l-9 4-9-4zM3 9l9 4 9-4M12 13v9M3 9l-1-4M21 9l1-4",
        ["cart"] = "M2 4h3l2.5 11h10.5l2.5-8H6M9 18.8a1.1 1.1 0 1 0 0 2.2 1.1 1.1 0 0 0 0-2.2zM17 18.8a1.1 1.1 0 1 0 0 2.2 1.1 1.1 0 0 0 0-2.2z",
        ["chart"] = "M4 4v16h16M8 16v-4M12 16V8M16 16v-6",
        ["chat"] = "M4 5h16v11h-9l-5 4v-4H4zM8 9h8M8 12h5",
        ["check"] = "M4 12.5 9.5 18 20 6.5",
        ["clock"] = "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3.5 2",
        ["cross"] = "M6 6l12 12M18 6 6 18",
        ["device"] = "M4 5h16v11H4zM2 19.5h20",
        ["gauge"] = "M4 18a9 9 0 1 1 16 0zM12 15l4-5",
        ["info"] = "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v6M12 7.2v.3",
        ["key"] = "M8 11a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM11 12l9-9M16 7l3 3",
        ["lock"] = "M5 11h14v9H5zM8 11V8a4 4 0 0 1 8 0v3",
        ["minus"] = "M5 12h14",
        ["moon"] = "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z",
        ["offline"] = "M3 9a14 14 0 0 1 18 0M6.5 12.5a9 9 0 0 1 11 0M10 16a4 4 0 0 1 4 0M12 19.5h.1M4 3l16 18",
        ["package"] = "M3.5 7.5 12 3l8.5 4.5v9L12 21l-8.5-4.5zM3.5 7.5 12 12l8.5-4.5M12 12v9M7.5 5.3l8.7 4.6",
        ["pause"] = "M8 5v14M16 5v14",
        ["play"] = "M7 4.5v15l12-7.5z",
        ["plus"] = "M12 5v14M5 12h14",
        ["retry"] = "M19 12a7 7 0 1 1-2.2-5.1L20 10M20 4v6h-6",
        ["search"] = "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5 21 21",
        ["send"] = "M3 11.5 21 4l-6 17-4-7zM11 14l4-4",
        ["sun"] = "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2.5M12 19.5V22M2 12h2.5M19.5 12H22M4.9 4.9l1.8 1.8M17.3 17.3l1.8 1.8M4.9 19.1l1.8-1.8M17.3 6.7l1.8-1.8",
        ["trash"] = "M4 7h16M9 7V4h6v3M6.5 7l1 13h9l1-13M10 11v5M14 11v5",
        ["trophy"] = "M7 4h10v5a5 5 0 0 1-10 0zM7 6H3.5v1A3.5 3.5 0 0 0 7 10.5M17 6h3.5v1A3.5 3.5 0 0 1 17 10.5M12 14v4M8 20.5h8",
        ["user"] = "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4 21a8 8 0 0 1 16 0",
        ["users"] = "M9 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM2 20a7 7 0 0 1 14 0M15.5 5.3a3.5 3.5 0 0 1 0 6.4M18 14.2a7 7 0 0 1 4 5.8",
    };

    /// <summary>What the icon of this name is drawn with.</summary>
    public static string Path(string name) =>
        Paths.TryGetValue(name, out var path) ? path : throw new ArgumentException($"There is no icon '{name}'; there are {string.Join(", ", Paths.Keys)}.", nameof(name));
}
