using System.Globalization;

namespace Shop.Redis.RateLimiting;

/// <summary>
/// Never more than so many permits in <b>any</b> window of time, wherever it begins: exact, no approximation by neighbouring counters. The
/// price is a log of the permits taken within the last window: about 11 bytes each, and a decision costs the logarithm of their number.
/// </summary>
/// <remarks>Redis commands, in a script: LINDEX, LLEN, LTRIM, LPUSH for each permit, PEXPIREAT.</remarks>
public sealed class SlidingWindow : RateLimitRule
{
    private const int MostPermits = 100_000;

    /// <summary>So many permits in any window.</summary>
    /// <param name="policy">The rule's name.</param>
    /// <param name="permits">1 to 100,000: each is remembered for a window.</param>
    /// <param name="window">1 ms to 366 days.</param>
    /// <exception cref="ArgumentException">A value is out of range; the message names it.</exception>
    public SlidingWindow(string policy, int permits, TimeSpan window)
        : base(policy, permits, window)
    {
        if (permits > MostPermits)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"The policy '{policy}' has {permits} permits: a sliding window remembers each and has at most {MostPermits}. Use a token bucket."), nameof(permits));
    }

    /// <inheritdoc/>
    public override TimeSpan Window => Period;

    internal override string Kind => "sliding";

    internal override RateLimitKinds Kinds => RateLimitKinds.SlidingWindow;

    internal override LocalLimit Share(int replicas) => new LocalSlidingWindow(PermitsOf(replicas), Period);
}
