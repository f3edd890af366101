using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Shop.EmbeddedHosting.Processes;

namespace Shop.EmbeddedHosting.Servers;

/// <summary>A PostgreSQL child process on a loopback port; its cluster is made on first start. Never runs as root.</summary>
public sealed class PostgresServer : ServerProcess
{
    private static readonly byte[] SslRequest = [0, 0, 0, 8, 4, 210, 22, 47];

    /// <summary>Creates a server that is started with <see cref="ServerProcess.StartAsync"/>.</summary>
    public PostgresServer(int? port = null)
    {
        if (port is { } fixedPort)
            Port = fixedPort;
    }

    /// <summary>The superuser's password.</summary>
    public string Password { get; init; } = Convert.ToHexString(RandomNumberGenerator.GetBytes(12));

    /// <summary>Settings handed to the server as <c>-c name=value</c>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The connection string of <paramref name="database"/> in Npgsql's format.</summary>
    public string ConnectionString(string database = "postgres") =>
        $"Host=localhost;Port={Port};Username=postgres;Password={Password};Database={database}";

    /// <summary>SIGINT is PostgreSQL's fast shutdown: it ends sessions instead of waiting for them.</summary>
    protected override int StopSignal => PosixSignals.Interrupt;

    /// <summary>SIGQUIT is its immediate one: it takes the sessions' processes along, which SIGKILL would leave to notice by themselves.</summary>
    protected override int DeathSignal => PosixSignals.Quit;

    /// <inheritdoc />
    protected override async Task<ProcessStartInfo> PrepareAsync(CancellationToken cancellationToken)
    {
        var cluster = await PostgresCluster.LocateAsync(DataFolder, cancellationToken).ConfigureAwait(false);
        if (!File.Exists(Path.Combine(cluster, "PG_VERSION")))
            await InitialiseAsync(cluster, cancellationToken).ConfigureAwait(false);
        await PostgresCluster.EndLeftoversAsync(cluster, cancellationToken).ConfigureAwait(false);

        string[] arguments =
        [
            "-D", cluster, "-p", Port.ToString(CultureInfo.InvariantCulture),
            "-c", "listen_addresses=127.0.0.1,::1", "-c", "unix_socket_directories=", "-c", "max_connections=400",
            .. Settings.SelectMany(setting => (string[])["-c", $"{setting.Key}={setting.Value}"]),
        ];
        return Unprivileged(await ServerBinaries.LocateAsync("postgres", cancellationToken).ConfigureAwait(false), arguments);
    }

    /// <inheritdoc />
    protected override async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        // A start-up message is answered with an authentication request ('R') when the server takes connections, else with an error ('E').
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", Port, cancellationToken).ConfigureAwait(false);
            var stream = client.GetStream();
            await stream.WriteAsync(SslRequest, cancellationToken).ConfigureAwait(false);
            var reply = new byte[1];
            if (await stream.ReadAsync(reply, cancellationToken).ConfigureAwait(false) != 1)
                return false;
            await stream.WriteAsync(StartupMessage(), cancellationToken).ConfigureAwait(false);
            return await stream.ReadAsync(reply, cancellationToken).ConfigureAwait(false) == 1 && reply[0] == (byte)'R';
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return false;
        }
    }

    private static byte[] StartupMessage()
    {
        var parameters = Encoding.ASCII.GetBytes("user\0postgres\0database\0postgres\0\0");
        var message = new byte[8 + parameters.Length];
        BinaryPrimitives.WriteInt32BigEndian(message, message.Length);
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(4), 196608); // protocol 3.0
        parameters.CopyTo(message, 8);
        return message;
    }

    private async Task InitialiseAsync(string cluster, CancellationToken cancellationToken)
    {
        // An interrupted initdb leaves a folder without PG_VERSION or with half a cluster: it is made beside, and moved into place when whole.
        var unfinished = cluster + ".unfinished";
        if (Directory.Exists(unfinished))
            Directory.Delete(unfinished, recursive: true);
        Directory.CreateDirectory(unfinished);
        var passwordFile = cluster + ".pw";
        await PrivateFile.WriteAsync(passwordFile, Password, cancellationToken).ConfigureAwait(false);
        try
        {
            if (UnprivilegedUser.Needed is { } user)
            {
                await user.OwnAsync(unfinished, cancellationToken).ConfigureAwait(false);
                await user.OwnAsync(passwordFile, cancellationToken).ConfigureAwait(false);
            }

            // Of the same installation: a machine may have several versions.
            var postgres = await ServerBinaries.LocateAsync("postgres", cancellationToken).ConfigureAwait(false);
            var initdb = Path.Combine(Path.GetDirectoryName(File.ResolveLinkTarget(postgres, returnFinalTarget: true)?.FullName ?? postgres)!, "initdb");
            string[] arguments = ["-D", unfinished, "-U", "postgres", "-A", "scram-sha-256", "--pwfile", passwordFile, "--no-locale", "-E", "UTF8", "--no-sync"];
            await Command.SucceedAsync(Unprivileged(initdb, arguments), cancellationToken).ConfigureAwait(false);
            if (Directory.Exists(cluster))
                Directory.Delete(cluster);
            Directory.Move(unfinished, cluster);
        }
        finally
        {
            File.Delete(passwordFile);
        }
    }

    private static ProcessStartInfo Unprivileged(string executable, string[] arguments) =>
        UnprivilegedUser.Needed?.Run(executable, arguments) ?? new ProcessStartInfo(executable, arguments) { WorkingDirectory = "/" };
}
