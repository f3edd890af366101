using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Shop.Dashboard.Protocol;
using Shop.EmbeddedHosting.Terminal;

namespace Shop.EmbeddedHosting.Engine;

/// <summary>Puts what the engine knows of a resource into the words that the dashboard reads.</summary>
internal static class ResourceSnapshots
{
    public static ResourceSnapshot Of(ResourceRunner runner, CustomResourceSnapshot now) => new()
    {
        Name = runner.Resource.Name,
        Kind = ResourceTable.Kind(now.ResourceType),
        State = now.State?.Text ?? KnownResourceStates.NotStarted,
        IsHealthy = now.HealthStatus is { } health ? health == HealthStatus.Healthy : null,
        Note = now.Note,
        Addresses = now.Addresses,
        Replicas = runner.Processes,
        References = [.. AppModel.UsedBy(runner.Resource).Select(static used => used.Name).Where(static name => name != Dashboard.Name)],
        Parent = (runner.Resource as IResourceWithParent)?.Parent.Name,
        Commands = Commands(runner, now.State?.Text),
    };

    /// <summary>What somebody who looks over a shoulder should not read: by the variable's name, or by a password in its value.</summary>
    public static VariableSnapshot Variable(string name, string value) => new(name, value,
        SecretNames.Any(part => name.Contains(part, StringComparison.OrdinalIgnoreCase))
        || value.Contains("password=", StringComparison.OrdinalIgnoreCase)
        || (Uri.TryCreate(value, UriKind.Absolute, out var uri) && uri.UserInfo.Length > 0));

    private static readonly string[] SecretNames = ["PASSWORD", "SECRET", "TOKEN", "APIKEY", "API_KEY", "PRIVATE_KEY", "OTLP_HEADERS"];

    private static string[] Commands(ResourceRunner runner, string? state)
    {
        if (!runner.CanBeCommanded)
            return [];
        if (state == KnownResourceStates.Exited || state == KnownResourceStates.Finished || state == KnownResourceStates.FailedToStart)
            return [ResourceCommands.Start];
        return state == KnownResourceStates.Running || (runner is ServiceRunner && (state == KnownResourceStates.Starting || state == KnownResourceStates.Waiting))
            ? [ResourceCommands.Stop, ResourceCommands.Restart]
            : [];
    }
}
