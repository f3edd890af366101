using System.Runtime.InteropServices;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Shop.EmbeddedHosting.Terminal;

namespace Shop.EmbeddedHosting.Engine;

/// <summary>An AppHost from its start in a terminal to its end: by Ctrl+C, by a signal, or because a server cannot be started.</summary>
internal static class Lifetime
{
    public static async Task RunAsync(EmbeddedEngine engine, CancellationToken cancellationToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var signals = 0;
        using var reporter = new ConsoleReporter(engine);

        void OnSignal(PosixSignalContext signal)
        {
            signal.Cancel = true; // we end by ourselves, in order
            if (Interlocked.Increment(ref signals) == 1)
            {
                reporter.Say($"{signal.Signal}: stopping; once more to end everything at once.");
                stopping.Cancel();
            }
            else
            {
                _ = engine.KillAsync(); // the orderly stop that is under way sees the processes end
            }
        }

        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal);
        try
        {
            await engine.StartAsync(stopping.Token).ConfigureAwait(false);
            await reporter.RunAsync(stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Asked to end: below.
        }
        catch (DistributedApplicationException exception)
        {
            reporter.Complain(exception.Message);
            Environment.ExitCode = 1;
        }

        await engine.DisposeAsync().ConfigureAwait(false);
        reporter.Say("Everything has ended.");
    }

    /// <summary>Without its servers no service can run: their failure ends the AppHost. A service that fails leaves the others running.</summary>
    public static bool IsFatal(ResourceEvent resource) =>
        resource.Snapshot.State?.Text == KnownResourceStates.FailedToStart
        && resource.Resource is RedisResource or PostgresServerResource or PostgresDatabaseResource;
}
