using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Aspire.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shop.Dashboard.Protocol;
using Shop.EmbeddedHosting.Servers;

namespace Shop.EmbeddedHosting.Engine;

/// <summary>
/// Tells the dashboard what runs, and takes its commands, over one port of the loopback interface that a key opens. The dashboard
/// calls, the engine answers: so a dashboard that is started again gets the whole picture by connecting, and a slow one holds
/// nobody up, since lines wait in the log book's bounded memory and are skipped when they have left it.
/// </summary>
internal sealed class ResourceService(EmbeddedEngine engine, string key) : IAsyncDisposable
{
    /// <summary>Changes within it go out together.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private const int LinesPerMessage = 1_000;

    private readonly byte[] _key = Hash(key);
    private readonly CancellationTokenSource _ending = new();
    private WebApplication? _app;

    public Uri Address { get; } = new($"http://localhost:{FreePort.Next()}");

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ListenLocalhost(Address.Port);
        });
        builder.Services.AddRoutingCore();
        _app = builder.Build();
        _app.Use(RequireKey);
        _app.MapGet(ResourceChannel.WatchPath, WatchAsync);
        _app.MapPost("/resources/{name}/{command}", CommandAsync);
        await _app.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        if (_app is not null)
            await _app.DisposeAsync().ConfigureAwait(false);
        _ending.Dispose();
    }

    private Task RequireKey(HttpContext context, RequestDelegate next)
    {
        if (CryptographicOperations.FixedTimeEquals(_key, Hash(context.Request.Headers[ResourceChannel.KeyHeader].ToString())))
            return next(context);
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    }

    private async Task WatchAsync(HttpContext context)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _ending.Token);
        using var timer = new PeriodicTimer(Pause);
        context.Response.ContentType = "application/x-ndjson";
        long version = -1, line = 0;
        try
        {
            do
            {
                var now = engine.Notifications.Version;
                var lines = engine.Logs.After(line, LinesPerMessage);
                if (now == version && lines.Count == 0)
                    continue;
                await SendAsync(context.Response, new ResourceMessage(now == version ? null : engine.Describe(), lines), ended.Token).ConfigureAwait(false);
                version = now;
                line = lines.Count > 0 ? lines[^1].Number : line;
            }
            while (await timer.WaitForNextTickAsync(ended.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The dashboard has hung up, or the application ends.
        }
    }

    private static async Task SendAsync(HttpResponse response, ResourceMessage message, CancellationToken cancellationToken)
    {
        response.BodyWriter.Write(JsonSerializer.SerializeToUtf8Bytes(message, ResourceJson.Default.ResourceMessage));
        response.BodyWriter.Write("\n"u8);
        await response.BodyWriter.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>204 when it is done, 404 for a resource or command that there is not, 409 with the reason when it cannot be done now.</summary>
    private async Task CommandAsync(HttpContext context)
    {
        var (name, command) = ((string)context.Request.RouteValues["name"]!, (string)context.Request.RouteValues["command"]!);
        var resource = engine.Describe().FirstOrDefault(resource => resource.Name == name);
        if (resource is null || command is not (ResourceCommands.Start or ResourceCommands.Stop or ResourceCommands.Restart))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        try
        {
            if (!resource.Commands.Contains(command))
                throw new DistributedApplicationException($"'{name}' is {resource.State}: {(resource.Commands.Count == 0 ? "there is nothing to be done to it" : $"what can be done is to {string.Join(" or ", resource.Commands)} it")}.");
            await engine.CommandAsync(name, command).ConfigureAwait(false);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        catch (Exception exception) when (exception is DistributedApplicationException or InvalidOperationException)
        {
            context.Response.StatusCode = StatusCodes.Status409Conflict;
            await context.Response.WriteAsync(exception.Message, context.RequestAborted).ConfigureAwait(false);
        }
    }

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
