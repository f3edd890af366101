using System.Buffers.Text;
using System.Diagnostics;
using System.Net.Sockets;

namespace Shop.Benchmarks.Harness;

/// <summary>
/// One kept-alive HTTP/1.1 connection that sends prepared bytes and reads no more of an answer than it must. HttpClient would take
/// more of two cores than what is measured; every side is called through this.
/// </summary>
internal sealed class HttpConnection : IDisposable
{
    private static readonly byte[] EndOfChunks = "0\r\n\r\n"u8.ToArray();
    private static readonly TimeSpan Stale = TimeSpan.FromMinutes(1); // Kestrel closes what was idle for 130 s

    private readonly int _port;
    private readonly byte[] _buffer = new byte[128 * 1024];
    private Socket _socket = NewSocket();
    private long _lastUsed = Stopwatch.GetTimestamp();
    private int _length;

    private HttpConnection(int port) => _port = port;

    public static async Task<HttpConnection> OpenAsync(Uri address, CancellationToken cancellationToken)
    {
        var connection = new HttpConnection(address.Port);
        await connection._socket.ConnectAsync("127.0.0.1", connection._port, cancellationToken);
        return connection;
    }

    /// <summary>Sends a whole request and answers the status of the whole answer.</summary>
    public async Task<int> SendAsync(ReadOnlyMemory<byte> request)
    {
        if (Stopwatch.GetElapsedTime(_lastUsed) > Stale)
            await ReconnectAsync();
        for (var rest = request; rest.Length > 0;)
            rest = rest[await _socket.SendAsync(rest)..];

        _length = 0;
        while (!IsComplete(_buffer.AsSpan(0, _length)))
        {
            if (_length == _buffer.Length)
                throw new InvalidOperationException($"The answer is longer than {_length} bytes.");
            var read = await _socket.ReceiveAsync(_buffer.AsMemory(_length));
            if (read == 0)
                throw new InvalidOperationException("The server closed the connection before the end of its answer.");
            _length += read;
        }

        _lastUsed = Stopwatch.GetTimestamp();
        return Utf8Parser.TryParse(_buffer.AsSpan("HTTP/1.1 ".Length), out int status, out _) ? status : throw new InvalidOperationException("The answer is no HTTP.");
    }

    /// <summary>What came last, headers and all.</summary>
    public string LastAnswer => System.Text.Encoding.UTF8.GetString(_buffer.AsSpan(0, _length));

    public void Dispose() => _socket.Dispose();

    private static Socket NewSocket() => new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    /// <summary>The turns of the other sides took so long that the server may have closed the connection.</summary>
    private async Task ReconnectAsync()
    {
        _socket.Dispose();
        _socket = NewSocket();
        await _socket.ConnectAsync("127.0.0.1", _port);
    }

    private static bool IsComplete(ReadOnlySpan<byte> answer)
    {
        var end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return false;
        var headers = answer[..end];
        var body = answer[(end + 4)..];
        var length = headers.IndexOf("\r\nContent-Length: "u8);
        if (length >= 0)
            return Utf8Parser.TryParse(headers[(length + "\r\nContent-Length: ".Length)..], out int bytes, out _) && body.Length >= bytes;
        return headers.IndexOf("\r\nTransfer-Encoding: chunked"u8) < 0 || body.EndsWith(EndOfChunks);
    }
}
