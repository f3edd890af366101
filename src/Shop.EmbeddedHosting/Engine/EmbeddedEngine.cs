using System.Diagnostics;
using Aspire.Hosting.ApplicationModel;
using Shop.Dashboard.Protocol;
using Shop.EmbeddedHosting.Proxy;

namespace Shop.EmbeddedHosting.Engine;

/// <summary>
/// Runs an app model with child processes of this machine in place of containers. Addresses are settled first, so that everything
/// can be told where everything is; then every resource starts as soon as those it waits for are healthy. They are stopped in the
/// opposite direction: a resource when nothing runs any more that uses it.
/// </summary>
internal sealed class EmbeddedEngine : IAsyncDisposable
{
    private readonly AppModel _model;
    private readonly EngineSettings _settings;
    private readonly Dashboard? _dashboard;
    private readonly List<ResourceRunner> _runners = [];
    private readonly ReplicaProxy _proxy = new();
    private RunFolder? _folder;
    private LogBook? _logs;
    private ResourceService? _resources;
    private bool _stopped;
    private bool _disposed;

    public EmbeddedEngine(AppModel model, EngineSettings settings)
    {
        _settings = settings;
        (_model, _dashboard) = Dashboard.AddTo(model, settings);
        Notifications = new ResourceNotificationService(_model.Resources);
    }

    public ResourceNotificationService Notifications { get; }

    public IReadOnlyList<ResourceRunner> Runners => _runners;

    public LogBook Logs => _logs ?? throw new InvalidOperationException("The application has not started.");

    public string LogFolder => _folder?.Logs ?? throw new InvalidOperationException("The application has not started.");

    /// <summary>Where the dashboard is opened; null without one.</summary>
    public string? DashboardUrl => _dashboard?.LoginUrl;

    /// <summary>Called when logs are there to be listened to, before anything is started.</summary>
    public Action? Opened { get; set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _folder = await RunFolder.OpenAsync(_settings, cancellationToken).ConfigureAwait(false);
        _logs = new LogBook(_folder.Logs);
        Opened?.Invoke();

        var context = new EngineContext(_settings, Notifications, _folder, _logs, _dashboard?.Telemetry ?? TelemetryTarget.From(_settings));
        foreach (var resource in _model.Resources)
        {
            if (CreateRunner(resource, context) is { } runner)
                _runners.Add(runner);
        }

        foreach (var server in _runners.OfType<ServerRunner>())
            await server.PrepareAsync(cancellationToken).ConfigureAwait(false);
        foreach (var route in _runners.OfType<ServiceRunner>().SelectMany(static service => service.Routes))
            _proxy.Add(route);
        await _proxy.StartAsync(cancellationToken).ConfigureAwait(false);
        if (_dashboard is not null)
        {
            _resources = new ResourceService(this, _dashboard.ResourceKey);
            await _resources.StartAsync(cancellationToken).ConfigureAwait(false);
            await _dashboard.PrepareAsync(_settings, _folder, _resources.Address, cancellationToken).ConfigureAwait(false);
        }

        foreach (var runner in _runners)
            runner.Start();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_stopped)
            return;
        _stopped = true;

        var left = new List<ResourceRunner>(_runners);
        while (left.Count > 0)
        {
            var used = left.SelectMany(static runner => AppModel.UsedBy(runner.Resource)).ToHashSet();
            var wave = left.Where(runner => !used.Contains(runner.Resource)).ToList();
            if (wave.Count == 0)
                wave = left; // a circle: nobody can go first
            await Task.WhenAll(wave.Select(static runner => runner.StopAsync())).WaitAsync(cancellationToken).ConfigureAwait(false);
            left = [.. left.Except(wave)];
        }
    }

    /// <summary>What every resource is now, for the dashboard.</summary>
    public IReadOnlyList<ResourceSnapshot> Describe() =>
        [.. _runners.Select(runner => ResourceSnapshots.Of(runner, Notifications.Of(runner.Resource.Name).Snapshot))];

    /// <summary>Does what a person asks of a resource: one of <see cref="ResourceCommands"/>.</summary>
    public async Task CommandAsync(string resource, string command)
    {
        var runner = _runners.Find(runner => runner.Resource.Name == resource) ?? throw new InvalidOperationException($"There is no resource '{resource}'.");
        if (command != ResourceCommands.Start)
            await runner.HoldAsync().ConfigureAwait(false);
        if (command != ResourceCommands.Stop)
            await runner.StartAgainAsync().ConfigureAwait(false);
    }

    /// <summary>Ends everything at once, for a user who does not want to wait.</summary>
    public Task KillAsync() => Task.WhenAll(_runners.Select(static runner => runner.KillAsync()));

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
            return;
        await StopAsync(CancellationToken.None).ConfigureAwait(false);
        if (_resources is not null)
            await _resources.DisposeAsync().ConfigureAwait(false);
        await _proxy.DisposeAsync().ConfigureAwait(false);
        if (_logs is not null)
            await _logs.DisposeAsync().ConfigureAwait(false);
        if (_folder is not null)
            await _folder.DisposeAsync().ConfigureAwait(false);
    }

    private static ResourceRunner? CreateRunner(IResource resource, EngineContext context) => resource switch
    {
        RedisResource redis => new RedisRunner(redis, context),
        PostgresServerResource postgres => new PostgresRunner(postgres, context),
        KafkaServerResource kafka => new KafkaRunner(kafka, context),
        PostgresDatabaseResource database => new DatabaseRunner(database, context),
        ProjectResource or ExecutableResource => new ServiceRunner(resource, context),
        ParameterResource => null,
        _ => throw new UnreachableException($"The model has a {resource.GetType().Name}, which the embedded engine does not run."),
    };
}
