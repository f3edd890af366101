using System.Text;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Shop.EmbeddedHosting.Terminal;

/// <summary>The resources in columns.</summary>
internal static class ResourceTable
{
    public static string Format(IEnumerable<ResourceEvent> resources)
    {
        List<string[]> rows =
        [
            ["Resource", "Kind", "State", "Replicas", "Address"],
            .. resources.Select(static resource => (string[])
            [
                resource.Resource.Name,
                Kind(resource.Snapshot.ResourceType),
                State(resource.Snapshot),
                resource.Resource is ProjectResource or ExecutableResource ? $"{resource.Snapshot.Replicas.Healthy}/{resource.Snapshot.Replicas.All}" : "",
                resource.Snapshot.Addresses is [] ? resource.Snapshot.Note : string.Join(", ", resource.Snapshot.Addresses),
            ]),
        ];
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToList();
        rows.Insert(1, [.. widths.Select(static width => new string('─', width))]);

        var text = new StringBuilder().AppendLine();
        foreach (var row in rows)
            text.AppendLine($"  {string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column])))}".TrimEnd());
        return text.ToString();
    }

    /// <summary>One word: a running resource is healthy or not; the others are in their state.</summary>
    public static string State(CustomResourceSnapshot snapshot) => snapshot.State?.Text == KnownResourceStates.Running
        ? snapshot.HealthStatus == HealthStatus.Healthy ? "healthy" : "unhealthy"
        : snapshot.State?.Text.ToLowerInvariant() ?? "";

    /// <summary>The kind in a person's words.</summary>
    public static string Kind(string resourceType) => resourceType switch
    {
        "PostgresServer" => "postgres",
        "PostgresDatabase" => "database",
        "KafkaServer" => "kafka",
        _ => resourceType.ToLowerInvariant(),
    };
}
