using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Shop.EmbeddedHosting.Proxy;

/// <summary>
/// The public addresses of all services of a run, in one Kestrel: each request goes to a healthy replica of the service whose port it
/// came in on. Nothing is buffered, so server-sent events and WebSockets pass as they come, and nothing times out that the service
/// does not time out. A request that could not be handed over, because the replica refused the connection, goes to another one;
/// one that a replica may have begun goes to another only when its method says that this is harmless.
/// </summary>
internal sealed class ReplicaProxy : IAsyncDisposable
{
    private static readonly ForwarderRequestConfig Unhurried = new() { ActivityTimeout = TimeSpan.FromDays(1) };
    private readonly Dictionary<int, ProxyRoute> _routes = [];
    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(), // the caller's headers pass as they are
        ConnectTimeout = TimeSpan.FromSeconds(2),
        EnableMultipleHttp2Connections = true,
    });

    private WebApplication? _app;

    public void Add(ProxyRoute route) => _routes.Add(route.Port, route);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_routes.Count == 0)
            return;

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.AllowSynchronousIO = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            foreach (var port in _routes.Keys)
                kestrel.ListenLocalhost(port);
        });
        builder.Services.AddHttpForwarder();
        _app = builder.Build();
        var forwarder = _app.Services.GetRequiredService<IHttpForwarder>();
        _app.Run(context => ForwardAsync(forwarder, context));
        await _app.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            // Streams to browsers never end by themselves: they are cut.
            using var now = new CancellationTokenSource();
            await now.CancelAsync().ConfigureAwait(false);
            await _app.StopAsync(now.Token).ConfigureAwait(false);
            await _app.DisposeAsync().ConfigureAwait(false);
        }

        _client.Dispose();
    }

    private async Task ForwardAsync(IHttpForwarder forwarder, HttpContext context)
    {
        var route = _routes[context.Connection.LocalPort];
        var tried = new List<ProxyTarget>(0);
        while (route.Choose(tried) is { } target)
        {
            target.Enter();
            try
            {
                var error = await forwarder.SendAsync(context, $"http://127.0.0.1:{target.Port}", _client, Unhurried, PassThrough.Instance).ConfigureAwait(false);
                if (error == ForwarderError.None || !MayGoToAnother(context, error))
                    return;
            }
            finally
            {
                target.Leave();
            }

            tried.Add(target);
            context.Features.Set<IForwarderErrorFeature>(null);
            context.Response.Clear();
        }

        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.RetryAfter = "1";
        context.Response.ContentType = "application/problem+json";
        await context.Response.WriteAsync($$"""{"title":"No replica of '{{route.Resource}}' is ready","status":503}""", context.RequestAborted).ConfigureAwait(false);
    }

    private static bool MayGoToAnother(HttpContext context, ForwarderError error)
    {
        if (error != ForwarderError.Request || context.Response.HasStarted || context.RequestAborted.IsCancellationRequested)
            return false;

        var refused = context.Features.Get<IForwarderErrorFeature>()?.Exception is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError };
        var harmless = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method) || HttpMethods.IsOptions(context.Request.Method);
        return refused || (harmless && context.Request.ContentLength is null or 0);
    }

    /// <summary>Requests reach the service as the client sent them, its host name and trace context included.</summary>
    private sealed class PassThrough : HttpTransformer
    {
        public static readonly PassThrough Instance = new();
        private static readonly string[] TraceContext = ["traceparent", "tracestate", "baggage"];

        public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken).ConfigureAwait(false);
            proxyRequest.Headers.Host = httpContext.Request.Host.Value;
            foreach (var name in TraceContext)
            {
                if (httpContext.Request.Headers.TryGetValue(name, out var values) && !proxyRequest.Headers.Contains(name))
                    proxyRequest.Headers.TryAddWithoutValidation(name, values.ToArray());
            }
        }
    }
}
