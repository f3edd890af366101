using Aspire.Hosting.ApplicationModel;
using Shop.EmbeddedHosting.Engine;

namespace Aspire.Hosting;

/// <summary>The app model, ready to run on this machine.</summary>
public sealed class DistributedApplication : IAsyncDisposable, IDisposable
{
    private readonly TestingSession? _session;

    internal DistributedApplication(AppModel model, EngineSettings settings, TestingSession? session)
    {
        _session = session;
        Engine = new EmbeddedEngine(model, settings);
    }

    /// <summary>The states of the resources.</summary>
    public ResourceNotificationService ResourceNotifications => Engine.Notifications;

    internal EmbeddedEngine Engine { get; }

    /// <summary>Begins a model; <paramref name="args"/> are the command line.</summary>
    public static IDistributedApplicationBuilder CreateBuilder(string[] args) => new DistributedApplicationBuilder(args);

    /// <summary>Starts everything and returns; <see cref="ResourceNotifications"/> say when it is healthy.</summary>
    public Task StartAsync(CancellationToken cancellationToken = default) => Engine.StartAsync(cancellationToken);

    /// <summary>Stops everything, those first that nobody uses.</summary>
    public Task StopAsync(CancellationToken cancellationToken = default) => Engine.StopAsync(cancellationToken);

    /// <summary>Runs until Ctrl+C or SIGTERM.</summary>
    public void Run() => RunAsync().GetAwaiter().GetResult();

    /// <summary>Runs until Ctrl+C, SIGTERM or <paramref name="cancellationToken"/>. A model that cannot be run ends the process with one error and exit code 1.</summary>
    public async Task RunAsync(CancellationToken cancellationToken = default)
    {
        if (_session is not null)
        {
            await _session.Ended.ConfigureAwait(false); // the test starts and stops it
            return;
        }

        await using (this.ConfigureAwait(false))
            await Lifetime.RunAsync(Engine, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync().ConfigureAwait(false);
        _session?.End();
    }

    /// <inheritdoc />
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();
}
