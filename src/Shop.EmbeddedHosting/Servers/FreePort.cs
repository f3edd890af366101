using System.Net;
using System.Net.Sockets;

namespace Shop.EmbeddedHosting.Servers;

/// <summary>Asks the kernel for TCP ports on the loopback interface that nobody listens on.</summary>
public static class FreePort
{
    /// <summary>One free port. Another process may take it before it is used: whoever binds it reports that.</summary>
    public static int Next()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
