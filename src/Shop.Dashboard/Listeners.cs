using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Shop.Dashboard;

/// <summary>What a port is for.</summary>
internal enum Listener { Pages, OtlpGrpc, OtlpHttp }

/// <summary>
/// Three ports, each with one job. A connection is marked by the port that accepted it, and reaches only the endpoints
/// made for that port: the pages cannot be read through the exporters' port, nor telemetry be written through the pages'.
/// </summary>
internal static class Listeners
{
    public static void Listen(this KestrelServerOptions kestrel, DashboardOptions options)
    {
        Listen(kestrel, options.HttpPort, Listener.Pages, HttpProtocols.Http1);
        Listen(kestrel, options.OtlpGrpcPort, Listener.OtlpGrpc, HttpProtocols.Http2);
        Listen(kestrel, options.OtlpHttpPort, Listener.OtlpHttp, HttpProtocols.Http1);
    }

    /// <summary>The endpoints mapped to this group answer on this port only.</summary>
    public static TBuilder On<TBuilder>(this TBuilder endpoints, Listener listener)
        where TBuilder : IEndpointConventionBuilder =>
        endpoints.WithMetadata(new Port(listener));

    /// <summary>Which port the request came in by.</summary>
    public static bool CameBy(this HttpContext context, Listener listener) => context.Features.Get<Port>()?.Listener == listener;

    /// <summary>404 for an endpoint of another port. Runs between routing and the endpoints.</summary>
    public static void UseListenerBoundaries(this IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<Port>() is { } wanted && !context.CameBy(wanted.Listener))
            return TypedResults.NotFound().ExecuteAsync(context);
        return next(context);
    });

    /// <summary>Whether another program listens there, over IPv4 or IPv6. Port 0 never is.</summary>
    public static bool IsTaken(int port) => port != 0 && (IsTaken(IPAddress.Loopback, port) || (Socket.OSSupportsIPv6 && IsTaken(IPAddress.IPv6Loopback, port)));

    private static bool IsTaken(IPAddress address, int port)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            return false;
        }
        catch (SocketException e)
        {
            // Anything else, such as a machine without IPv6 loopback, is for the server to judge.
            return e.SocketErrorCode == SocketError.AddressAlreadyInUse;
        }
    }

    private static void Listen(KestrelServerOptions kestrel, int port, Listener listener, HttpProtocols protocols)
    {
        if (port == 0)
            kestrel.Listen(IPAddress.Loopback, 0, Configure);
        else
            kestrel.ListenLocalhost(port, Configure);

        void Configure(ListenOptions endpoint)
        {
            endpoint.Protocols = protocols;
            var mark = new Port(listener);
            endpoint.Use(next => connection =>
            {
                connection.Features.Set(mark);
                return next(connection);
            });
        }
    }

    private sealed record Port(Listener Listener);
}
