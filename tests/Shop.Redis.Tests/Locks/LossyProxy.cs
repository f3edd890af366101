using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Shop.Redis.Tests.Locks;

/// <summary>A TCP proxy before Redis that can lose replies: requests arrive, answers do not.</summary>
internal sealed class LossyProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<TcpClient, bool> _open = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly int _target;
    private readonly Task _accepting;
    private volatile bool _losing;

    public LossyProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"localhost:{((IPEndPoint)_listener.LocalEndpoint).Port},abortConnect=false,connectTimeout=2000");

    /// <summary>From now on replies vanish.</summary>
    public void LoseReplies() => _losing = true;

    /// <summary>Closes every connection; new ones work again.</summary>
    public void CutAndHeal()
    {
        foreach (var client in _open.Keys)
            client.Close();
        _losing = false;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        foreach (var client in _open.Keys)
            client.Close();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        var pumps = new List<Task>();
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                var server = new TcpClient();
                _open[client] = _open[server] = true;
                await server.ConnectAsync(IPAddress.Loopback, _target, _stop.Token);
                pumps.Add(PumpAsync(client, server, replies: false));
                pumps.Add(PumpAsync(server, client, replies: true));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }

        await Task.WhenAll(pumps);
    }

    private async Task PumpAsync(TcpClient from, TcpClient to, bool replies)
    {
        var buffer = new byte[8192];
        try
        {
            while (await from.GetStream().ReadAsync(buffer) is > 0 and var read)
            {
                if (!(replies && _losing))
                    await to.GetStream().WriteAsync(buffer.AsMemory(0, read));
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // One side was closed: so is the other.
        }

        from.Close();
        to.Close();
        _open.TryRemove(from, out _);
        _open.TryRemove(to, out _);
    }
}
