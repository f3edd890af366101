using System.Numerics;

namespace Shop.Benchmarks.Harness;

/// <summary>
/// Counts latencies in buckets as HdrHistogram does: 128 linear ones for each power of two nanoseconds, so that any value from
/// a nanosecond to centuries is kept to within 0.8 %, in one fixed array. Recording is lock-free and does not allocate.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int SubBits = 7;
    private const int SubBuckets = 1 << SubBits;

    private readonly long[] _counts = new long[(64 - SubBits) * SubBuckets];
    private long _max;

    public long Count => _counts.Sum();

    public TimeSpan Max => FromNanoseconds(Volatile.Read(ref _max));

    public void Record(TimeSpan latency)
    {
        var nanoseconds = Math.Max(0, latency.Ticks) * 100;
        Interlocked.Increment(ref _counts[IndexOf(nanoseconds)]);
        for (var max = Volatile.Read(ref _max); nanoseconds > max; max = Volatile.Read(ref _max))
            Interlocked.CompareExchange(ref _max, nanoseconds, max);
    }

    public void Add(LatencyHistogram other)
    {
        for (var index = 0; index < _counts.Length; index++)
            _counts[index] += other._counts[index];
        _max = Math.Max(_max, other._max);
    }

    /// <summary>The latency that this share (0 to 1) of all operations stayed within; zero when there are none.</summary>
    public TimeSpan Percentile(double share)
    {
        var wanted = (long)Math.Ceiling(share * Count);
        long seen = 0;
        for (var index = 0; index < _counts.Length; index++)
        {
            seen += _counts[index];
            if (seen >= wanted && seen > 0)
                return FromNanoseconds(Math.Min(HighestOf(index), _max));
        }

        return TimeSpan.Zero;
    }

    private static int IndexOf(long nanoseconds)
    {
        var shift = Math.Max(0, 64 - SubBits - 1 - BitOperations.LeadingZeroCount((ulong)nanoseconds));
        return (shift * SubBuckets) + (int)(nanoseconds >> shift);
    }

    private static long HighestOf(int index)
    {
        var shift = Math.Max(0, (index >> SubBits) - 1);
        return ((long)(index - (shift * SubBuckets) + 1) << shift) - 1;
    }

    private static TimeSpan FromNanoseconds(long nanoseconds) => new((nanoseconds + 99) / 100);
}
