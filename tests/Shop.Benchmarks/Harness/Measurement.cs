using System.Diagnostics;

namespace Shop.Benchmarks.Harness;

/// <summary>
/// One stretch of one side's work. What happens between <see cref="Begin"/> and <see cref="End"/> counts: time, operations, CPU of
/// each process, bytes allocated in this one. The loops call the two themselves.
/// </summary>
internal sealed class Measurement(TimeSpan duration, ProcessTimes processes, CancellationToken cancellationToken)
{
    private readonly Dictionary<string, double> _figures = [];
    private long _operations;
    private long _began;
    private long _ended;
    private long _allocatedBefore;
    private long _allocatedAfter;
    private IReadOnlyDictionary<string, double> _cpuBefore = new Dictionary<string, double>();
    private IReadOnlyDictionary<string, double> _cpuAfter = new Dictionary<string, double>();
    private (long Operations, TimeSpan Elapsed)? _reported;

    /// <summary>How long to work, roughly.</summary>
    public TimeSpan Duration => duration;

    /// <summary>The user gave up.</summary>
    public CancellationToken Cancelled => cancellationToken;

    public LatencyHistogram Latencies { get; } = new();

    /// <summary>Whether <see cref="Duration"/> has passed since <see cref="Begin"/>.</summary>
    public bool IsOver => cancellationToken.IsCancellationRequested || Stopwatch.GetElapsedTime(_began) >= duration;

    public void Begin()
    {
        GC.Collect();
        _cpuBefore = processes.Read();
        _allocatedBefore = GC.GetTotalAllocatedBytes(precise: true);
        _began = Stopwatch.GetTimestamp();
    }

    public void End()
    {
        cancellationToken.ThrowIfCancellationRequested();
        _ended = Stopwatch.GetTimestamp();
        _allocatedAfter = GC.GetTotalAllocatedBytes(precise: true);
        _cpuAfter = processes.Read();
    }

    /// <summary>Operations were done, from any thread.</summary>
    public void Count(long operations = 1) => Interlocked.Add(ref _operations, operations);

    /// <summary>One operation was done; it began (or was to begin) at this <see cref="Stopwatch"/> timestamp.</summary>
    public void Done(long startedAt)
    {
        Latencies.Record(Stopwatch.GetElapsedTime(startedAt));
        Count();
    }

    /// <summary>For a tool that measures by itself (redis-benchmark, pgbench): what it says in place of the time between Begin and End.</summary>
    public void Report(long operations, TimeSpan elapsed) => _reported = (operations, elapsed);

    /// <summary>A further figure that the scenario's targets want, for example <c>settled/s</c>.</summary>
    public void Figure(string name, double value) => _figures[name] = value;

    public RoundFigures Figures()
    {
        var (operations, elapsed) = _reported ?? (_operations, Stopwatch.GetElapsedTime(_began, _ended));
        if (operations == 0)
            throw new InvalidOperationException("The side did nothing between Begin and End.");
        return new RoundFigures(
            operations,
            elapsed.TotalSeconds,
            Latencies.Percentile(0.5).TotalMilliseconds,
            Latencies.Percentile(0.99).TotalMilliseconds,
            Latencies.Max.TotalMilliseconds,
            _cpuAfter.ToDictionary(after => after.Key, after => (after.Value - _cpuBefore.GetValueOrDefault(after.Key)) * 1_000 / operations),
            (_allocatedAfter - _allocatedBefore) / (double)operations,
            _figures);
    }
}

/// <summary>What one measurement found: times in milliseconds (zero when no latency was recorded), CPU in seconds per thousand operations of each process.</summary>
internal sealed record RoundFigures(
    long Operations,
    double Seconds,
    double P50,
    double P99,
    double Max,
    Dictionary<string, double> Cpu,
    double AllocatedBytes,
    Dictionary<string, double> Figures)
{
    public double OperationsPerSecond => Operations / Seconds;
}
