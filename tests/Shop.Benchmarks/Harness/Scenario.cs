namespace Shop.Benchmarks.Harness;

/// <summary>
/// One question about speed: ours and the others, run in turn on the same servers in one run, and what counts as fast enough.
/// Every class that derives from this and has a constructor without parameters is found by <see cref="ScenarioCatalogue"/>.
/// </summary>
internal abstract class Scenario
{
    /// <summary>As typed on the command line, for example <c>lock-uncontended</c>.</summary>
    public abstract string Name { get; }

    /// <summary>One sentence: what an operation is, and how many run at once.</summary>
    public abstract string Measures { get; }

    /// <summary>Where it stands in lists and in the README.</summary>
    public abstract int Order { get; }

    /// <summary>What counts as done; none when the numbers are only to be known.</summary>
    public virtual IReadOnlyList<Target> Targets => [];

    /// <summary>The least that each side is warmed up: longer for processes whose code the runtime compiles better only when it has been hot for a while.</summary>
    public virtual TimeSpan WarmUp => TimeSpan.Zero;

    /// <summary>Makes the data that all sides share. Called once, before any side starts.</summary>
    public virtual Task PrepareAsync(BenchServers servers, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>New sides, in the order in which they take turns.</summary>
    public abstract IReadOnlyList<Side> CreateSides();
}
