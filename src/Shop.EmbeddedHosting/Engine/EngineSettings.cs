using System.Globalization;
using Aspire.Hosting;
using Microsoft.Extensions.Configuration;

namespace Shop.EmbeddedHosting.Engine;

/// <summary>How the engine runs a model, from the AppHost's command line and environment.</summary>
internal sealed record EngineSettings
{
    /// <summary>Options that stand alone on the command line.</summary>
    public static readonly string[] Switches = ["ephemeral", "no-dashboard"];

    public required IConfiguration Configuration { get; init; }

    /// <summary>Where data, passwords and logs are kept: <c>--data-folder</c>, by default <c>.data</c> beside the AppHost's project.</summary>
    public required string DataFolder { get; init; }

    /// <summary>All data in a temporary folder that is deleted at the end: <c>--ephemeral</c>, and always in tests.</summary>
    public required bool Ephemeral { get; init; }

    /// <summary>Run by a test: every port is a free one, and nothing is printed.</summary>
    public required bool Testing { get; init; }

    /// <summary>Whether the dashboard runs when it has been built: <c>--no-dashboard</c> turns it off; in tests <c>--dashboard=true</c> turns it on.</summary>
    public required bool Dashboard { get; init; }

    public static EngineSettings From(IConfiguration configuration, string appHostDirectory, bool testing) => new()
    {
        Configuration = configuration,
        DataFolder = Path.GetFullPath(configuration["data-folder"] ?? ".data", appHostDirectory),
        Ephemeral = configuration.GetValue("ephemeral", testing),
        Testing = testing,
        Dashboard = configuration.GetValue("dashboard", !testing) && !configuration.GetValue("no-dashboard", false),
    };

    /// <summary>The option that names the public port of a resource: <c>--web-port</c> or <c>SHOP_WEB_PORT</c>.</summary>
    public int? PortOf(string resource)
    {
        var (option, variable) = PortOptions(resource);
        var text = Text(option) ?? Text(variable);
        if (text is null)
            return null;
        return int.TryParse(text, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536
            ? port
            : throw new DistributedApplicationException($"--{option} (or {variable}) is '{text}', which is no port: give a number from 1 to 65535.");
    }

    public static (string Option, string Variable) PortOptions(string resource) =>
        ($"{resource}-port", $"SHOP_{resource.Replace('-', '_').ToUpperInvariant()}_PORT");

    /// <summary>A configured text; null when it is missing or empty.</summary>
    public string? Text(string key) => Configuration[key] is { Length: > 0 } value ? value : null;
}
