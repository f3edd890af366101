using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Shop.Dashboard;
using Shop.Dashboard.Api;
using Shop.Dashboard.Otlp;
using Shop.Testing;
using Xunit;

namespace Shop.Tests.Dashboard;

/// <summary>The real dashboard on free ports of the loopback interface, and a client for its pages.</summary>
internal sealed class RunningDashboard : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunningDashboard(WebApplication app)
    {
        _app = app;
        // In the order in which Kestrel was told to listen.
        var addresses = app.Urls.Select(static address => new Uri(address)).ToArray();
        (Pages, OtlpGrpc, OtlpHttp) = (addresses[0], addresses[1], addresses[2]);
        Client = new HttpClient { BaseAddress = Pages };
    }

    public Uri Pages { get; }

    public Uri OtlpGrpc { get; }

    public Uri OtlpHttp { get; }

    public HttpClient Client { get; }

    public static async Task<RunningDashboard> StartAsync(string? apiKey = null, string? token = null, Uri? resources = null, string resourceKey = "")
    {
        var app = DashboardHost.Build(new DashboardOptions { HttpPort = 0, OtlpGrpcPort = 0, OtlpHttpPort = 0, OtlpApiKey = apiKey, Token = token, ResourceServiceUrl = resources, ResourceServiceKey = resourceKey }, ["--Logging:LogLevel:Default=Warning"]);
        await DashboardHost.StartAsync(app, TestContext.Current.CancellationToken);
        return new RunningDashboard(app);
    }

    /// <summary>Posts an export request to the signal's path, for example <c>v1/traces</c>.</summary>
    public async Task<HttpResponseMessage> PostAsync(string path, IMessage request, string? apiKey = null)
    {
        using var content = new ByteArrayContent(request.ToByteArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        if (apiKey is not null)
            content.Headers.Add(OtlpApiKey.Header, apiKey);
        return await Client.PostAsync(new Uri(OtlpHttp, path), content, TestContext.Current.CancellationToken);
    }

    public Task<T> GetAsync<T>(string path) => GetAsync<T>(Client, path);

    /// <summary>Waits until the trace has this many spans.</summary>
    public async Task<TraceDetailView> TraceAsync(string traceId, int spans) =>
        (await Eventually.BecomesAsync(
            async () =>
            {
                using var response = await Client.GetAsync($"/api/traces/{traceId}", TestContext.Current.CancellationToken);
                return response.IsSuccessStatusCode ? await ReadAsync<TraceDetailView>(response) : null;
            },
            trace => trace?.Spans.Count >= spans, $"trace {traceId} with {spans} spans"))!;

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(TestContext.Current.CancellationToken);
        await _app.DisposeAsync();
    }

    private static async Task<T> GetAsync<T>(HttpClient client, string path)
    {
        using var response = await client.GetAsync(path, TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
        return await ReadAsync<T>(response);
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response) =>
        (T)(await response.Content.ReadFromJsonAsync(typeof(T), ApiJson.Default, TestContext.Current.CancellationToken)
            ?? throw new JsonException("The dashboard answered null."));
}
