using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Shop.Dashboard.Protocol;
using Shop.EmbeddedHosting.Servers;

namespace Shop.EmbeddedHosting.Engine;

/// <summary>Runs redis-server or PostgreSQL, and starts it again on the same port and data when it crashes; nothing runs when the user configured a connection string.</summary>
internal abstract class ServerRunner(IResource resource, EngineContext context) : ResourceRunner(resource, context)
{
    private readonly RestartBackOff _backOff = new(TimeProvider.System);
    private TaskCompletionSource? _heldDown;
    private int _ends;
    private int _starts;
    private DateTimeOffset? _startedAt;

    /// <summary>The child process; null when the user's own server is used.</summary>
    public ServerProcess? Server { get; private set; }

    /// <summary>Settles address and password, before anything starts.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (Context.Settings.Configuration.GetConnectionString(Resource.Name) is { Length: > 0 } configured)
        {
            ConnectionString = configured;
            return;
        }

        Server = await CreateServerAsync(cancellationToken).ConfigureAwait(false);
        ConnectionString = ConnectionStringOf(Server);
        PublishAddresses($"localhost:{Server.Port}");
    }

    /// <summary>Ends the server, and returns when that has been published; it stays down until <see cref="ReleaseAsync"/>, or comes back by itself.</summary>
    public async Task EndServerAsync(bool abruptly, bool keepDown)
    {
        var server = Server ?? throw new InvalidOperationException($"'{Resource.Name}' is the user's own server.");
        var ends = _ends;
        if (keepDown)
            _heldDown ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await (abruptly ? server.KillAsync() : server.StopAsync()).ConfigureAwait(false);
        await Context.Notifications.WaitAsync(Resource.Name, _ => Volatile.Read(ref _ends) > ends, "down", CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Starts a server that was held down; returns when it answers.</summary>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _heldDown, null) is not { } held)
            return; // it is not held down
        Publish(KnownResourceStates.Starting);
        held.SetResult();
        await Context.Notifications.WaitForResourceHealthyAsync(Resource.Name, cancellationToken).ConfigureAwait(false);
    }

    public override bool CanBeCommanded => Server is not null;

    public override IReadOnlyList<ReplicaSnapshot> Processes => Server is not { } server ? [] :
    [
        new ReplicaSnapshot
        {
            Name = Resource.Name,
            State = server.IsRunning ? "Healthy" : "Stopped",
            ProcessId = server.IsRunning ? server.ProcessId : null,
            StartedAt = _startedAt,
            Restarts = Math.Max(0, _starts - 1),
            Addresses = [$"localhost:{server.Port}"],
        },
    ];

    public override Task HoldAsync() => EndServerAsync(abruptly: false, keepDown: true);

    public override Task StartAgainAsync() => ReleaseAsync(CancellationToken.None);

    public override Task KillAsync() => Server?.KillAsync() ?? Task.CompletedTask;

    protected abstract string? ConnectionString { get; set; }

    protected abstract Task<ServerProcess> CreateServerAsync(CancellationToken cancellationToken);

    protected abstract string ConnectionStringOf(ServerProcess server);

    protected override async Task RunAsync(CancellationToken stopping)
    {
        if (Server is null)
        {
            Publish(KnownResourceStates.Running, HealthStatus.Healthy, "configured by the user");
            await Task.Delay(Timeout.InfiniteTimeSpan, stopping).ConfigureAwait(false);
            return;
        }

        try
        {
            while (true)
            {
                Publish(KnownResourceStates.Starting);
                await Server.StartAsync(stopping).ConfigureAwait(false);
                Context.Folder.Processes.Add(Server.ProcessId, Server.Port.ToString(CultureInfo.InvariantCulture)); // redis-server rewrites its command line, and keeps only that
                _starts++;
                _startedAt = TimeProvider.System.GetUtcNow();
                _backOff.Healthy();
                Publish(KnownResourceStates.Running, HealthStatus.Healthy);

                var exitCode = await Server.WaitForExitAsync(stopping).ConfigureAwait(false);
                Interlocked.Increment(ref _ends);
                await WaitBeforeRestartAsync(exitCode, stopping).ConfigureAwait(false);
            }
        }
        finally
        {
            await Server.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task WaitBeforeRestartAsync(int exitCode, CancellationToken stopping)
    {
        if (_heldDown is { } held)
        {
            Publish(KnownResourceStates.Exited, note: "stopped by request");
            await held.Task.WaitAsync(stopping).ConfigureAwait(false);
            return;
        }

        var pause = _backOff.Crashed();
        Publish(KnownResourceStates.Exited, note: $"ended with exit code {exitCode}; starting it again{(pause > TimeSpan.Zero ? $" in {pause.TotalSeconds:0} s" : "")}");
        await Task.Delay(pause, stopping).ConfigureAwait(false);
    }
}

internal sealed class RedisRunner(RedisResource redis, EngineContext context) : ServerRunner(redis, context)
{
    protected override string? ConnectionString { get => redis.ConnectionString; set => redis.ConnectionString = value; }

    protected override string ConnectionStringOf(ServerProcess server) => ((RedisServer)server).ConnectionString;

    protected override async Task<ServerProcess> CreateServerAsync(CancellationToken cancellationToken) =>
        new RedisServer(redis.FixedPort)
        {
            DataFolder = Context.Folder.DataOf(redis.Name),
            Password = redis.PasswordParameter is { } parameter
                ? await parameter.GetValueAsync(cancellationToken).ConfigureAwait(false)
                : await Context.Folder.PasswordAsync(redis.Name, cancellationToken).ConfigureAwait(false),
            Arguments = [.. redis.Annotations.OfType<ArgumentsAnnotation>().SelectMany(static annotation => annotation.Arguments)],
            Log = line => Context.Logs.Write(redis.Name, line),
        };
}

internal sealed class PostgresRunner(PostgresServerResource postgres, EngineContext context) : ServerRunner(postgres, context)
{
    protected override string? ConnectionString { get => postgres.ConnectionString; set => postgres.ConnectionString = value; }

    // The server's own connection string names no database, so that WithReference and AddDatabase can.
    protected override string ConnectionStringOf(ServerProcess server) =>
        $"Host=localhost;Port={server.Port};Username=postgres;Password={((PostgresServer)server).Password}";

    protected override async Task<ServerProcess> CreateServerAsync(CancellationToken cancellationToken) =>
        new PostgresServer(postgres.FixedPort)
        {
            DataFolder = Context.Folder.DataOf(postgres.Name),
            Password = postgres.PasswordParameter is { } parameter
                ? (await parameter.GetValueAsync(cancellationToken).ConfigureAwait(false))!
                : await Context.Folder.PasswordAsync(postgres.Name, cancellationToken).ConfigureAwait(false),
            // What is thrown away at the end need not survive a power cut.
            Settings = Context.Folder.Temporary ? new Dictionary<string, string>(StringComparer.Ordinal) { ["fsync"] = "off" } : [],
            Log = line => Context.Logs.Write(postgres.Name, line),
        };
}
