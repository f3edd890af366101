using System.Net;
using System.Net.Sockets;

namespace Shop.EmbeddedHosting.Servers;

/// <summary>
/// Asks whether a loopback port takes connections, without an exception for the answer no: processes that start are asked many times,
/// and an exception costs more than the question.
/// </summary>
internal static class PortProbe
{
    public static async Task<bool> AcceptsAsync(int port, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var attempt = new SocketAsyncEventArgs { RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, port) };
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        attempt.Completed += (_, _) => done.SetResult();
        if (socket.ConnectAsync(attempt))
            await done.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        return attempt.SocketError == SocketError.Success;
    }
}
