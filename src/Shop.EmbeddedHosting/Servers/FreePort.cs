using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Shop.EmbeddedHosting.Servers;

/// <summary>
/// Finds TCP ports on the loopback interface that nobody listens on. They lie below the range from which the kernel takes the local
/// ports of outgoing connections: a server that stops for a while would otherwise find its port lent to somebody's client.
/// </summary>
public static class FreePort
{
    private const int Lowest = 20_000;
    private const int Highest = 32_000; // Linux lends 32768 and above, macOS 49152 and above
    private static readonly ConcurrentDictionary<int, Socket?> Claims = new();

    /// <summary>
    /// One free port, given to nobody else until this process ends: not here, and (on Linux) not by this method in another process.
    /// A stranger may still take it before it is used: whoever binds it reports that.
    /// </summary>
    public static int Next()
    {
        for (var attempt = 0; attempt < 1_000; attempt++)
        {
            var port = Random.Shared.Next(Lowest, Highest);
            if (!Claims.ContainsKey(port) && IsFree(port) && TryClaim(port))
                return port;
        }

        throw new InvalidOperationException($"No free TCP port was found between {Lowest} and {Highest}.");
    }

    /// <summary>Whether nobody listens on <paramref name="port"/>, on either loopback address.</summary>
    public static bool IsFree(int port) => CanBind(IPAddress.Loopback, port) && (!Socket.OSSupportsIPv6 || CanBind(IPAddress.IPv6Loopback, port));

    /// <summary>Binds an abstract Unix socket named after the port: the kernel lets one process have it, and takes it back when that process ends.</summary>
    private static bool TryClaim(int port)
    {
        if (!OperatingSystem.IsLinux())
            return Claims.TryAdd(port, null);

        var claim = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            claim.Bind(new UnixDomainSocketEndPoint($"\0shop-port-{port}"));
            if (Claims.TryAdd(port, claim))
                return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            // Another process was given this port.
        }

        claim.Dispose();
        return false;
    }

    private static bool CanBind(IPAddress address, int port)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen();
            return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            return true; // no IPv6 on this machine: nobody can listen there
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
