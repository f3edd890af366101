using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Shop.Dashboard.Protocol;
using Shop.Testing;
using Xunit;

namespace Shop.Tests.Dashboard;

/// <summary>In the embedded engine's place: says to one dashboard what a test wants said, and notes what it is asked to do.</summary>
internal sealed class TestEngine : IAsyncDisposable
{
    public const string Key = "the-engine-s-key";

    private readonly Channel<ResourceMessage> _messages = Channel.CreateUnbounded<ResourceMessage>();
    private readonly WebApplication _app;

    private TestEngine(WebApplication app)
    {
        _app = app;
        _app.MapGet(ResourceChannel.WatchPath, WatchAsync);
        _app.MapPost("/resources/{name}/{command}", (HttpContext context, string name, string command) =>
        {
            Asked.Enqueue($"{command} {name} {context.Request.Headers[ResourceChannel.KeyHeader]}");
            return TypedResults.NoContent();
        });
    }

    /// <summary>What has been asked, with the key that was shown.</summary>
    public ConcurrentQueue<string> Asked { get; } = [];

    public Uri Address => new(_app.Urls.Single());

    public static async Task<TestEngine> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var engine = new TestEngine(builder.Build());
        await engine._app.StartAsync(TestContext.Current.CancellationToken);
        return engine;
    }

    public Task<RunningDashboard> DashboardAsync() => RunningDashboard.StartAsync(resources: Address, resourceKey: Key);

    public void Say(params ResourceSnapshot[] resources) => Assert.True(_messages.Writer.TryWrite(new ResourceMessage(resources, null)));

    public void Print(params ConsoleLine[] lines) => Assert.True(_messages.Writer.TryWrite(new ResourceMessage(null, lines)));

    /// <summary>The page, once it contains this.</summary>
    public static Task<string> PageAsync(RunningDashboard dashboard, string address, string part) =>
        Eventually.BecomesAsync(
            () => dashboard.Client.GetStringAsync(address, TestContext.Current.CancellationToken),
            page => page.Contains(part, StringComparison.Ordinal), $"{address} with '{part}'");

    public async ValueTask DisposeAsync()
    {
        _messages.Writer.Complete();
        await _app.StopAsync(TestContext.Current.CancellationToken);
        await _app.DisposeAsync();
    }

    private async Task WatchAsync(HttpContext context)
    {
        await foreach (var message in _messages.Reader.ReadAllAsync(context.RequestAborted))
        {
            await context.Response.WriteAsync(JsonSerializer.Serialize(message, ResourceJson.Default.ResourceMessage) + "\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }
}
