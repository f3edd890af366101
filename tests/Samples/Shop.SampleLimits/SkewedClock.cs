namespace Shop.SampleLimits;

/// <summary>A machine whose clocks, the wall's and the monotonic, are wrong by this much.</summary>
internal sealed class SkewedClock(TimeSpan skew) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + skew;

    public override long GetTimestamp() => base.GetTimestamp() + (long)(skew.TotalSeconds * TimestampFrequency);
}
