using System.Globalization;
using Shop.Dashboard.Protocol;

namespace Shop.Dashboard;

/// <summary>Where the dashboard listens, always on the loopback interface only. Port 0 takes any free one.</summary>
internal sealed record DashboardOptions
{
    public const string HttpPortVariable = "DASHBOARD_HTTP_PORT";
    public const string OtlpGrpcPortVariable = "DASHBOARD_OTLP_GRPC_PORT";
    public const string OtlpHttpPortVariable = "DASHBOARD_OTLP_HTTP_PORT";
    public const string OtlpApiKeyVariable = "DASHBOARD_OTLP_API_KEY";

    /// <summary>The pages and the JSON API.</summary>
    public int HttpPort { get; init; } = 18888;

    public int OtlpGrpcPort { get; init; } = 18889;

    public int OtlpHttpPort { get; init; } = 18890;

    /// <summary>What exporters send in <c>x-otlp-api-key</c>; null lets everybody on this machine in.</summary>
    public string? OtlpApiKey { get; init; }

    /// <summary>Where the engine says what runs; null when the dashboard runs by itself.</summary>
    public Uri? ResourceServiceUrl { get; init; }

    /// <summary>What the engine wants to hear before it answers.</summary>
    public string ResourceServiceKey { get; init; } = "";

    /// <summary>What a person logs in with, <c>/login?t=…</c>; null lets everybody on this machine in.</summary>
    public string? Token { get; init; }

    public static DashboardOptions From(IConfiguration configuration)
    {
        var defaults = new DashboardOptions();
        var options = new DashboardOptions
        {
            HttpPort = Port(configuration, HttpPortVariable) ?? defaults.HttpPort,
            OtlpGrpcPort = Port(configuration, OtlpGrpcPortVariable) ?? defaults.OtlpGrpcPort,
            OtlpHttpPort = Port(configuration, OtlpHttpPortVariable) ?? defaults.OtlpHttpPort,
            OtlpApiKey = configuration[OtlpApiKeyVariable] is { Length: > 0 } key ? key : null,
            ResourceServiceUrl = configuration[ResourceChannel.UrlVariable] is { Length: > 0 } url ? Url(url) : null,
            ResourceServiceKey = configuration[ResourceChannel.KeyVariable] ?? "",
            Token = configuration[ResourceChannel.TokenVariable] is { Length: > 0 } token ? token : null,
        };
        options.Validate();
        return options;
    }

    /// <summary>Which variable moves which port.</summary>
    public IEnumerable<(string Variable, int Port)> Ports =>
        [(HttpPortVariable, HttpPort), (OtlpGrpcPortVariable, OtlpGrpcPort), (OtlpHttpPortVariable, OtlpHttpPort)];

    /// <exception cref="DashboardException">A port is out of range, or used twice.</exception>
    public void Validate()
    {
        foreach (var (variable, port) in Ports)
            if (port is < 0 or > 65535)
                throw new DashboardException($"{variable}={port} is no port: it must be between 0 and 65535.");
        foreach (var same in Ports.Where(static at => at.Port != 0).GroupBy(static at => at.Port).Where(static group => group.Count() > 1))
            throw new DashboardException($"{string.Join(" and ", same.Select(static at => at.Variable))} are both {same.Key}: each needs a port of its own.");
    }

    private static Uri Url(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.IsLoopback
            ? url
            : throw new DashboardException($"{ResourceChannel.UrlVariable}={text} is no address of this machine.");

    private static int? Port(IConfiguration configuration, string variable) => configuration[variable] switch
    {
        null or "" => null,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) => port,
        var text => throw new DashboardException($"{variable}={text} is no port: it must be between 0 and 65535."),
    };
}

/// <summary>Why the dashboard cannot start, in words for whoever started it.</summary>
internal sealed class DashboardException(string message, Exception? inner = null) : Exception(message, inner);
