using System.Text.Json.Serialization;

namespace Shop.Dashboard.Protocol;

/// <summary>A resource of the app model at one moment.</summary>
public sealed record ResourceSnapshot
{
    public required string Name { get; init; }

    /// <summary>For example <c>project</c>, <c>redis</c> or <c>database</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>As Aspire names them: NotStarted, Waiting, Starting, Running, Stopping, Exited, Finished, FailedToStart.</summary>
    public required string State { get; init; }

    /// <summary>Null while it does not run.</summary>
    public bool? IsHealthy { get; init; }

    /// <summary>What a person should know beside the state.</summary>
    public string Note { get; init; } = "";

    public IReadOnlyList<string> Addresses { get; init; } = [];

    public IReadOnlyList<ReplicaSnapshot> Replicas { get; init; } = [];

    /// <summary>The resources that it uses, by name.</summary>
    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>The resource that it lives in.</summary>
    public string? Parent { get; init; }

    /// <summary>Those of <see cref="ResourceCommands"/> that make sense now.</summary>
    public IReadOnlyList<string> Commands { get; init; } = [];
}

/// <summary>One process of a resource.</summary>
public sealed record ReplicaSnapshot
{
    /// <summary>The name in logs and telemetry (<c>service.instance.id</c>).</summary>
    public required string Name { get; init; }

    public required string State { get; init; }

    public string Note { get; init; } = "";

    public int? ProcessId { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>How often it was started again in this run.</summary>
    public int Restarts { get; init; }

    /// <summary>Its own addresses, past the proxy.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>The variables that the engine set.</summary>
    public IReadOnlyList<VariableSnapshot> Environment { get; init; } = [];
}

/// <summary>An environment variable; the page shows a secret only when it is asked to.</summary>
public sealed record VariableSnapshot(string Name, string Value, bool IsSecret);

/// <summary>A line that a process printed. Numbers grow over all processes of a run.</summary>
public sealed record ConsoleLine(long Number, string Process, DateTimeOffset Time, string Text);

/// <summary>What the embedded engine tells the dashboard, a JSON object per line: all resources, when one has changed, and the lines printed since the last message.</summary>
public sealed record ResourceMessage(IReadOnlyList<ResourceSnapshot>? Resources, IReadOnlyList<ConsoleLine>? Lines);

/// <summary>What a person can do to a resource: <c>POST /resources/{name}/{command}</c>.</summary>
public static class ResourceCommands
{
    public const string Start = "start";
    public const string Stop = "stop";
    public const string Restart = "restart";
}

/// <summary>Where the engine answers, and with what.</summary>
public static class ResourceChannel
{
    public const string KeyHeader = "x-resource-api-key";
    public const string UrlVariable = "DASHBOARD_RESOURCE_SERVICE_URL";
    public const string KeyVariable = "DASHBOARD_RESOURCE_SERVICE_API_KEY";
    public const string TokenVariable = "DASHBOARD_TOKEN";
    public const string WatchPath = "/watch";
}

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ResourceMessage))]
public sealed partial class ResourceJson : JsonSerializerContext;
