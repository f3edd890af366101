using System.Net;
using System.Text.Json;
using Shop.Dashboard.Protocol;

namespace Shop.Dashboard.Resources;

/// <summary>
/// Listens to the engine and hands it commands. When the connection breaks it is made anew, and the engine begins with the whole
/// picture; without an address (the dashboard runs by itself) there is nothing to listen to.
/// </summary>
internal sealed partial class ResourceClient(DashboardOptions options, ResourceStore resources, ConsoleStore console, TimeProvider clock, ILogger<ResourceClient> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly HttpClient? _http = options.ResourceServiceUrl is { } url
        ? new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = url, Timeout = Timeout.InfiniteTimeSpan, DefaultRequestHeaders = { { ResourceChannel.KeyHeader, options.ResourceServiceKey } } }
        : null;

    /// <summary>Whether there is an engine to talk to.</summary>
    public bool HasEngine => _http is not null;

    /// <summary>Null when it was done; otherwise why not, for the person who asked.</summary>
    public async Task<string?> CommandAsync(string resource, string command, CancellationToken cancellationToken)
    {
        if (_http is null)
            return "The dashboard runs by itself: there is nobody to start or stop resources.";
        try
        {
            using var answer = await _http.PostAsync(new Uri($"/resources/{Uri.EscapeDataString(resource)}/{Uri.EscapeDataString(command)}", UriKind.Relative), null, cancellationToken);
            return answer.StatusCode switch
            {
                HttpStatusCode.NoContent => null,
                HttpStatusCode.NotFound => $"There is no resource '{resource}', or nothing called '{command}' to be done to it.",
                _ => await answer.Content.ReadAsStringAsync(cancellationToken),
            };
        }
        catch (HttpRequestException e)
        {
            return $"The AppHost does not answer: {e.Message}";
        }
    }

    public override void Dispose()
    {
        _http?.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_http is null)
            return;
        using var timer = new PeriodicTimer(Pause, clock);
        do
        {
            try
            {
                await ListenAsync(_http, stoppingToken);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
            {
                LogLost(logger, e.Message);
            }
            finally
            {
                resources.Connected(false);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task ListenAsync(HttpClient http, CancellationToken cancellationToken)
    {
        using var answer = await http.GetAsync(new Uri(ResourceChannel.WatchPath, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        answer.EnsureSuccessStatusCode();
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellationToken));
        resources.Connected(true);
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
        {
            if (JsonSerializer.Deserialize(line, ResourceJson.Default.ResourceMessage) is not { } message)
                continue;
            if (message.Resources is { } all)
                resources.Replace(all);
            if (message.Lines is { Count: > 0 } printed)
                console.Add(printed);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The AppHost does not say what runs ({Error}); it is asked again every second")]
    private static partial void LogLost(ILogger logger, string error);
}
