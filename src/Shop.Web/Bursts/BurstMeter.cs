namespace Shop.Web.Bursts;

/// <summary>Counts what happens in a burst. Thread-safe.</summary>
internal sealed class BurstMeter(Guid id, int orders, TimeProvider clock)
{
    /// <summary>Rates and latencies look back so far.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly long _start = clock.GetTimestamp();
    private readonly Queue<(TimeSpan At, double Milliseconds)> _placing = [];
    private readonly Queue<(TimeSpan At, double Milliseconds)> _paying = [];
    private int _placed, _paid, _failed, _number;

    public void Placed(TimeSpan took)
    {
        lock (_lock)
        {
            _placed++;
            _placing.Enqueue((Elapsed, took.TotalMilliseconds));
        }
    }

    public void Paid(TimeSpan took)
    {
        lock (_lock)
        {
            _paid++;
            _paying.Enqueue((Elapsed, took.TotalMilliseconds));
        }
    }

    public void Failed()
    {
        lock (_lock)
            _failed++;
    }

    public BurstSample Sample(bool ended = false)
    {
        lock (_lock)
        {
            var now = Elapsed;
            Forget(_placing, now);
            Forget(_paying, now);
            var looked = Math.Max(Math.Min(now.TotalSeconds, Window.TotalSeconds), 0.001);
            var (placing, paying) = (Sorted(_placing), Sorted(_paying));
            return new BurstSample(
                id, ++_number, now.TotalSeconds, orders, _placed, _paid, _failed, paying.Length / looked,
                Percentile(placing, 0.5), Percentile(placing, 0.95), Percentile(paying, 0.5), Percentile(paying, 0.95), ended);
        }
    }

    private TimeSpan Elapsed => clock.GetElapsedTime(_start);

    private static void Forget(Queue<(TimeSpan At, double)> events, TimeSpan now)
    {
        while (events.TryPeek(out var first) && now - first.At > Window)
            events.Dequeue();
    }

    private static double[] Sorted(Queue<(TimeSpan, double Milliseconds)> events) => [.. events.Select(static one => one.Milliseconds).Order()];

    /// <summary>The smallest value that so many are not above.</summary>
    private static double? Percentile(double[] sorted, double part) => sorted.Length == 0 ? null : sorted[Math.Max((int)Math.Ceiling(part * sorted.Length) - 1, 0)];
}
