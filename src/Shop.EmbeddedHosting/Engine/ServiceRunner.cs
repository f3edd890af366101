using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Shop.Dashboard.Protocol;
using Shop.EmbeddedHosting.Proxy;
using Shop.EmbeddedHosting.Servers;

namespace Shop.EmbeddedHosting.Engine;

/// <summary>Runs a project or a program in all of its replicas, behind the proxy.</summary>
internal sealed class ServiceRunner : ResourceRunner
{
    private static readonly HttpClient Prober = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(1) }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly Lock _gate = new();
    private readonly List<EndpointAnnotation> _endpoints;
    private readonly HttpHealthAnnotation? _health;
    private readonly ServiceCommand _command;
    private bool _wasHealthy;

    public ServiceRunner(IResource resource, EngineContext context)
        : base(resource, context)
    {
        _endpoints = [.. resource.Annotations.OfType<EndpointAnnotation>()];
        _health = resource.Annotations.OfType<HttpHealthAnnotation>().LastOrDefault();
        _command = new ServiceCommand(resource, _endpoints, context);
        var count = resource.Annotations.OfType<ReplicaAnnotation>().LastOrDefault()?.Replicas ?? 1;
        if (count > 1 && _endpoints.Exists(static endpoint => !endpoint.IsProxied || endpoint.TargetPort is not null))
            throw new DistributedApplicationException($"'{resource.Name}' has {count} replicas, so none of its endpoints can have a fixed port of the process: drop targetPort and isProxied: false.");

        PublicPort.AllocateAll(resource, _endpoints, context.Settings);
        Replicas = [.. Enumerable.Range(0, count).Select(index => CreateReplica(count == 1 ? resource.Name : $"{resource.Name}-{index}"))];
        PublishAddresses([.. _endpoints.Select(endpoint => $"{endpoint.Scheme}://localhost:{endpoint.AllocatedPort}")]);
        PublishReplicas();
    }

    public IReadOnlyList<Replica> Replicas { get; }

    /// <summary>What the proxy is to serve for this resource.</summary>
    public IEnumerable<ProxyRoute> Routes =>
        _endpoints.Select((endpoint, i) => (endpoint, i)).Where(static pair => pair.endpoint.IsProxied)
            .Select(pair => new ProxyRoute(Resource.Name, pair.endpoint.AllocatedPort!.Value, [.. Replicas.Select(replica => replica.Targets[pair.i])]));

    public override bool CanBeCommanded => Resource.Name != Dashboard.Name;

    public override IReadOnlyList<ReplicaSnapshot> Processes =>
    [
        .. Replicas.Select(static replica => new ReplicaSnapshot
        {
            Name = replica.Name,
            State = replica.State.ToString(),
            Note = replica.Note,
            ProcessId = replica.Process?.Id,
            StartedAt = replica.StartedAt,
            Restarts = replica.Restarts,
            Addresses = [.. replica.Targets.Select(static target => $"http://localhost:{target.Port}")],
            Environment = [.. replica.Environment.OrderBy(static variable => variable.Key, StringComparer.Ordinal).Select(static variable => ResourceSnapshots.Variable(variable.Key, variable.Value))],
        }),
    ];

    public override Task KillAsync() => Task.WhenAll(Replicas.Select(static replica => replica.Process?.KillAsync() ?? Task.CompletedTask));

    protected override async Task RunAsync(CancellationToken stopping)
    {
        _wasHealthy = false; // it may be started again by hand
        await Task.WhenAll(Replicas.Select(replica => replica.RunAsync(stopping))).ConfigureAwait(false);
        if (!stopping.IsCancellationRequested)
            PublishEnd();
    }

    private Replica CreateReplica(string name) =>
        new(
            name,
            [.. _endpoints.Select(static endpoint => new ProxyTarget(!endpoint.IsProxied ? endpoint.AllocatedPort!.Value : endpoint.TargetPort ?? FreePort.Next()))],
            isJob: _endpoints.Count == 0,
            Context)
        {
            Changed = PublishReplicas,
            HowToStart = _command.PrepareAsync,
            IsHealthyAsync = IsHealthyAsync,
        };

    private async Task<bool> IsHealthyAsync(Replica replica, CancellationToken cancellationToken)
    {
        if (_endpoints.Count == 0)
            return true;

        var index = Math.Max(0, _endpoints.FindIndex(endpoint => endpoint.Name == (_health?.EndpointName ?? "http")));
        var port = replica.Targets[index].Port;
        if (!await PortProbe.AcceptsAsync(port, cancellationToken).ConfigureAwait(false))
            return false;
        if (_health is null)
            return true;

        try
        {
            using var answer = await Prober.GetAsync(new Uri($"http://127.0.0.1:{port}{_health.Path}"), cancellationToken).ConfigureAwait(false);
            return (int)answer.StatusCode == _health.StatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private void PublishReplicas()
    {
        if (Replicas is null)
            return; // still being created

        lock (_gate)
        {
            var all = Replicas.Count;
            var healthy = Replicas.Count(static replica => replica.State is ReplicaState.Healthy);
            _wasHealthy |= healthy == all;
            var running = _wasHealthy && Replicas.Any(static replica => replica.State is ReplicaState.Healthy or ReplicaState.Unhealthy);
            var notes = Replicas.Where(static replica => replica.State is not ReplicaState.Healthy && replica.Note.Length > 0).Select(replica => all == 1 ? replica.Note : $"{replica.Name} {replica.Note}");
            Context.Notifications.Publish(Resource, snapshot => snapshot with
            {
                Replicas = (healthy, all),
                State = snapshot.State!.Text == KnownResourceStates.Stopping || snapshot.State.Text == KnownResourceStates.NotStarted || snapshot.State.Text == KnownResourceStates.Waiting
                    ? snapshot.State
                    : new ResourceStateSnapshot(running ? KnownResourceStates.Running : KnownResourceStates.Starting),
                HealthStatus = healthy == all ? HealthStatus.Healthy : running ? HealthStatus.Unhealthy : null,
                Note = string.Join("; ", notes),
                Processes = string.Join(',', Replicas.Select(static replica => replica.Process?.Id ?? 0)),
            });
        }
    }

    private void PublishEnd()
    {
        var exitCode = Replicas.Select(static replica => replica.ExitCode ?? 0).FirstOrDefault(static code => code != 0);
        Context.Notifications.Publish(Resource, snapshot => snapshot with
        {
            State = new ResourceStateSnapshot(exitCode == 0 ? KnownResourceStates.Finished : KnownResourceStates.Exited),
            HealthStatus = null,
            ExitCode = exitCode,
            Note = exitCode == 0 ? "" : $"ended with exit code {exitCode}",
        });
    }
}
