namespace Shop.Benchmarks.Harness;

/// <summary>
/// One way of doing a scenario's work. Started once, warmed up, measured once a round while the other sides rest, disposed at the
/// end. It runs in this process unless it says otherwise: only one side works at a time, so the processor time and the allocations
/// of this process between <see cref="Measurement.Begin"/> and <see cref="Measurement.End"/> are that side's, the load it makes
/// included. A side must leave nothing running between its measurements that would burden the others.
/// </summary>
internal abstract class Side : IAsyncDisposable
{
    /// <summary>For example <c>Shop.Redis</c> or <c>RedLock.net</c>; unique in its scenario.</summary>
    public abstract string Name { get; }

    /// <summary>Whether it is ours: a ratio is ours divided by one that is not.</summary>
    public virtual bool Ours => false;

    /// <summary>Processes of its own whose CPU counts, by the name that the result gives them; this process, Redis and Postgres are counted anyway.</summary>
    public virtual IReadOnlyDictionary<string, int[]> Processes => new Dictionary<string, int[]>();

    public virtual Task StartAsync(BenchServers servers, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Works for about <see cref="Measurement.Duration"/>. Either through one of the loops of <paramref name="measurement"/>, or by
    /// itself between Begin and End, counting operations and recording latencies.
    /// </summary>
    public abstract Task RunAsync(Measurement measurement);

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
