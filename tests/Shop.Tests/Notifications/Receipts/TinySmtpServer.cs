using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MimeKit;

namespace Shop.Tests.Notifications.Receipts;

/// <summary>A mail server on the loopback interface, for real SMTP conversations. It accepts everything, unless told otherwise.</summary>
internal sealed class TinySmtpServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;

    public TinySmtpServer()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>The connection string of this server.</summary>
    public string Address => $"smtp://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>Another answer than 250 to a command (HELO, MAIL, RCPT, DATA; <c>.</c> is the end of a message), or null. After a 421 the connection is closed.</summary>
    public Func<string, string?> Answer { get; set; } = static _ => null;

    /// <summary>The messages that were accepted, as they came.</summary>
    public ConcurrentQueue<string> Accepted { get; } = new();

    /// <summary>The envelope's recipients of every message that was begun.</summary>
    public ConcurrentQueue<string> Recipients { get; } = new();

    public MimeMessage[] Messages => [.. Accepted.Select(static raw => MimeMessage.Load(new MemoryStream(Encoding.UTF8.GetBytes(raw))))];

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        var conversations = new List<Task>();
        try
        {
            while (true)
                conversations.Add(TalkAsync(await _listener.AcceptTcpClientAsync(_stopping.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(conversations);
        }
    }

    private async Task TalkAsync(TcpClient connection)
    {
        using var _ = connection;
        try
        {
            await using var stream = connection.GetStream();
            using var reader = new StreamReader(stream, Encoding.UTF8);
            await SayAsync(stream, "220 tiny.example");
            while (await reader.ReadLineAsync(_stopping.Token) is { } line)
            {
                var verb = line.Split(' ', ':')[0].ToUpperInvariant();
                if (verb == "RCPT")
                    Recipients.Enqueue(line[(line.IndexOf('<', StringComparison.Ordinal) + 1)..line.IndexOf('>', StringComparison.Ordinal)]);
                var answer = verb == "DATA" && Answer("DATA") is null ? await TakeAsync(stream, reader) : Answer(verb) ?? (verb == "QUIT" ? "221 bye" : "250 ok");
                await SayAsync(stream, answer);
                if (verb == "QUIT" || answer.StartsWith("421", StringComparison.Ordinal))
                    return;
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // the other side is gone, or the test is over
        }
    }

    private async Task<string> TakeAsync(NetworkStream stream, StreamReader reader)
    {
        await SayAsync(stream, "354 go on");
        var message = new StringBuilder();
        while (await reader.ReadLineAsync(_stopping.Token) is { } line and not ".")
            message.Append(line.StartsWith("..", StringComparison.Ordinal) ? line[1..] : line).Append("\r\n");
        if (Answer(".") is { } refusal)
            return refusal;
        Accepted.Enqueue(message.ToString());
        return "250 taken";
    }

    private static async Task SayAsync(NetworkStream stream, string line) => await stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"));
}
