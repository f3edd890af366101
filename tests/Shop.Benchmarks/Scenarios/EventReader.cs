using System.Buffers.Text;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;

namespace Shop.Benchmarks.Scenarios;

/// <summary>A browser's side of a stream of server-sent events, with as little work as will do: it looks for <c>"SentAt":</c> in what comes.</summary>
internal static class EventReader
{
    private static readonly byte[] Request = [.. "GET / HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n"u8];

    public static async Task ReadAsync(IPEndPoint address, Action<long> delivered, CancellationToken ended)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(address, ended);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Request, ended);
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 1024));
        while (true)
        {
            var read = await reader.ReadAsync(ended);
            if (read.IsCompleted)
                throw new IOException("The server ended the stream.");
            var buffer = read.Buffer;
            var text = buffer.IsSingleSegment ? buffer.FirstSpan : System.Buffers.BuffersExtensions.ToArray(buffer);
            var taken = Take(text, delivered);
            reader.AdvanceTo(buffer.GetPosition(taken), buffer.End);
        }
    }

    /// <summary>Delivers each whole event; answers how far it came.</summary>
    private static int Take(ReadOnlySpan<byte> text, Action<long> delivered)
    {
        var taken = 0;
        while (text[taken..].IndexOf("\n\n"u8) is >= 0 and var end)
        {
            var line = text.Slice(taken, end);
            if (line.IndexOf("\"SentAt\":"u8) is >= 0 and var at && Utf8Parser.TryParse(line[(at + 9)..], out long sentAt, out _))
                delivered(sentAt);
            taken += end + 2;
        }

        return taken;
    }
}
