using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Shop.EmbeddedHosting.Engine;

namespace Shop.EmbeddedHosting.Terminal;

/// <summary>
/// What a person sees: every process's output behind its name, what is still waited for while the application starts, a table of
/// the resources when all of them are healthy, and each later change of a resource as a line.
/// </summary>
internal sealed class ConsoleReporter : IDisposable
{
    private static readonly TimeSpan Reminder = TimeSpan.FromSeconds(3);
    private readonly EmbeddedEngine _engine;
    private readonly ConsoleLines _lines = new();
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private readonly TaskCompletionSource<ResourceEvent> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _allHealthy = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ConsoleReporter(EmbeddedEngine engine)
    {
        _engine = engine;
        engine.Opened += () => engine.Logs.Line += _lines.WriteProcess;
        engine.Notifications.Changed += OnChanged;
    }

    public void Say(string text) => _lines.WriteOwn(text);

    public void Complain(string text) => _lines.WriteError(text);

    /// <summary>Reports until <paramref name="stopping"/>; throws when the application cannot go on.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        await ReportStartAsync(stopping).ConfigureAwait(false);
        if (!_failed.Task.IsCompleted)
        {
            var seconds = TimeProvider.System.GetElapsedTime(_started).TotalSeconds;
            _lines.WriteBlock(ResourceTable.Format(Shown));
            Say(string.Create(CultureInfo.InvariantCulture, $"All healthy after {seconds:0.0} s. Logs are also in {_engine.LogFolder}. Ctrl+C stops everything."));
            if (_engine.DashboardUrl is { } dashboard)
                Say($"Dashboard: {dashboard}");
        }

        var failure = await _failed.Task.WaitAsync(stopping).ConfigureAwait(false);
        throw new DistributedApplicationException($"'{failure.Resource.Name}' cannot be started: {failure.Snapshot.Note}");
    }

    public void Dispose() => _engine.Notifications.Changed -= OnChanged;

    private IEnumerable<ResourceEvent> Shown => _engine.Notifications.Current.Where(static resource => resource.Resource is not ParameterResource);

    private async Task ReportStartAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Reminder);
        while (true)
        {
            var tick = timer.WaitForNextTickAsync(stopping).AsTask();
            if (await Task.WhenAny(tick, _allHealthy.Task, _failed.Task).ConfigureAwait(false) != tick)
                return;
            await tick.ConfigureAwait(false);
            Say($"Waiting for {string.Join(", ", Shown.Where(static resource => !IsReady(resource)).Select(static resource => $"{resource.Resource.Name} ({Describe(resource.Snapshot)})"))}");
        }
    }

    private void OnChanged(ResourceEvent resource)
    {
        if (Lifetime.IsFatal(resource))
            _failed.TrySetResult(resource);

        var worthALine = _allHealthy.Task.IsCompleted ? resource.Resource is not IResourceWithParent : resource.Snapshot.State?.Text == KnownResourceStates.FailedToStart;
        if (worthALine)
            Say($"{resource.Resource.Name}: {Describe(resource.Snapshot)}");
        if (_engine.Notifications.Current.All(static other => other.Resource is ParameterResource || IsReady(other)))
            _allHealthy.TrySetResult();
    }

    private static bool IsReady(ResourceEvent resource) =>
        resource.Snapshot.HealthStatus == HealthStatus.Healthy || resource.Snapshot.State?.Text == KnownResourceStates.Finished;

    private static string Describe(CustomResourceSnapshot snapshot) => ResourceTable.State(snapshot) + (snapshot.Note.Length > 0 ? $", {snapshot.Note}" : "");
}
