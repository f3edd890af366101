using System.Text.Json;
using Aspire.Hosting;

namespace Shop.EmbeddedHosting.Engine;

/// <summary>The first profile of a project's launchSettings.json that runs the project itself.</summary>
internal sealed record LaunchProfile(string Name, IReadOnlyList<Uri> ApplicationUrls, IReadOnlyDictionary<string, string> EnvironmentVariables)
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    public static LaunchProfile? Of(IProjectMetadata project)
    {
        var file = Path.Combine(Path.GetDirectoryName(project.ProjectPath)!, "Properties", "launchSettings.json");
        if (!File.Exists(file))
            return null;

        using var settings = JsonDocument.Parse(File.ReadAllBytes(file), Lenient);
        if (!settings.RootElement.TryGetProperty("profiles", out var profiles))
            return null;

        return profiles.EnumerateObject()
            .Where(static profile => Text(profile.Value, "commandName") == "Project")
            .Select(static profile => new LaunchProfile(
                profile.Name,
                [.. (Text(profile.Value, "applicationUrl") ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(static url => new Uri(url))],
                profile.Value.TryGetProperty("environmentVariables", out var variables)
                    ? variables.EnumerateObject().ToDictionary(static variable => variable.Name, static variable => variable.Value.ToString(), StringComparer.Ordinal)
                    : []))
            .FirstOrDefault();
    }

    private static string? Text(JsonElement profile, string name) => profile.TryGetProperty(name, out var value) ? value.GetString() : null;
}
