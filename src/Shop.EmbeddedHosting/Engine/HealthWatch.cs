namespace Shop.EmbeddedHosting.Engine;

/// <summary>
/// Asks a process for its health: often while it starts, seldom once it works. One good answer makes it healthy; only three bad
/// ones in a row make it unhealthy, since a busy machine is late now and then and a crash is seen by the process's end anyway.
/// </summary>
internal static class HealthWatch
{
    private const int BadAnswers = 3;
    private static readonly TimeSpan WhileStarting = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan WhileHealthy = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Doubtful = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(3);

    /// <summary>Probes until <paramref name="stopping"/>, and reports every change; a process begins as not healthy.</summary>
    public static async Task RunAsync(Func<CancellationToken, Task<bool>> probe, Action<bool> changed, CancellationToken stopping)
    {
        var healthy = false;
        var bad = 0;
        try
        {
            while (true)
            {
                var good = await ProbeAsync(probe, stopping).ConfigureAwait(false);
                bad = good ? 0 : bad + 1;
                if (good != healthy && (good || bad >= BadAnswers))
                    changed(healthy = good);
                var pause = (healthy, bad) switch
                {
                    (true, 0) => WhileHealthy,
                    (true, _) => Doubtful,
                    (false, _) => WhileStarting,
                };
                await Task.Delay(pause, stopping).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The process has ended, or is asked to.
        }
    }

    private static async Task<bool> ProbeAsync(Func<CancellationToken, Task<bool>> probe, CancellationToken stopping)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        deadline.CancelAfter(AnswerWithin);
        try
        {
            return await probe(deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return false;
        }
    }
}
