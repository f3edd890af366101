using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Shop.EmbeddedHosting.Servers;

/// <summary>A redis-server child process on a loopback port, with its AOF in <see cref="ServerProcess.DataFolder"/>.</summary>
public sealed class RedisServer : ServerProcess
{
    /// <summary>Creates a server that is started with <see cref="ServerProcess.StartAsync"/>.</summary>
    public RedisServer(int? port = null)
    {
        if (port is { } fixedPort)
            Port = fixedPort;
    }

    /// <summary>The password that clients must give; none when null.</summary>
    public string? Password { get; init; }

    /// <summary>Whether every write goes to the append-only file (fsync each second), so that data survives a restart.</summary>
    public bool Persistent { get; init; } = true;

    /// <summary>Further arguments, appended to redis-server's command line.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The connection string in StackExchange.Redis' format.</summary>
    public string ConnectionString => Password is null ? $"localhost:{Port}" : $"localhost:{Port},password={Password}";

    /// <inheritdoc />
    protected override async Task<ProcessStartInfo> PrepareAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(DataFolder);

        // In a file that only we may read: a command line is there for every user of the machine to see.
        var configuration = Path.Combine(DataFolder, "redis.conf");
        await PrivateFile.WriteAsync(
            configuration,
            $"""
            port {Port}
            bind 127.0.0.1 -::1
            dir "{DataFolder}"
            appendonly {(Persistent ? "yes" : "no")}
            save ""
            {(Password is null ? "" : $"requirepass {Password}")}
            """,
            cancellationToken).ConfigureAwait(false);

        var server = await ServerBinaries.LocateAsync("redis-server", cancellationToken).ConfigureAwait(false);
        return new ProcessStartInfo(server, [configuration, .. Arguments]);
    }

    /// <inheritdoc />
    protected override async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        if (!await PortProbe.AcceptsAsync(Port, cancellationToken).ConfigureAwait(false))
            return false;

        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", Port, cancellationToken).ConfigureAwait(false);
            var stream = client.GetStream();
            var login = Password is null ? "" : $"AUTH {Password}\r\n";
            await stream.WriteAsync(Encoding.ASCII.GetBytes(login + "PING\r\n"), cancellationToken).ConfigureAwait(false);
            var reply = new byte[256];
            var text = "";
            while (!text.Contains("PONG", StringComparison.Ordinal))
            {
                var read = await stream.ReadAsync(reply, cancellationToken).ConfigureAwait(false);
                text += Encoding.ASCII.GetString(reply, 0, read);
                if (read == 0 || text.Contains("LOADING", StringComparison.Ordinal))
                    return false;
            }

            return true;
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return false;
        }
    }
}
