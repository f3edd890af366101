namespace Shop.Redis.RateLimiting;

/// <summary>
/// So many permits in a window of time, which begins with the first permit taken and ends all at once. The cheapest: a counter of
/// some 100 bytes. <b>Twice as many can pass around an edge</b>, at the end of one window and the beginning of the next:
/// take a <see cref="SlidingWindow"/> where that matters.
/// </summary>
/// <remarks>Redis commands, in a script: GET, SET with PXAT.</remarks>
public sealed class FixedWindow : RateLimitRule
{
    /// <summary>So many permits in each window.</summary>
    /// <param name="policy">The rule's name.</param>
    /// <param name="permits">At least 1.</param>
    /// <param name="window">1 ms to 366 days.</param>
    /// <exception cref="ArgumentException">A value is out of range; the message names it.</exception>
    public FixedWindow(string policy, int permits, TimeSpan window)
        : base(policy, permits, window)
    {
    }

    /// <inheritdoc/>
    public override TimeSpan Window => Period;

    internal override string Kind => "fixed";

    internal override RateLimitKinds Kinds => RateLimitKinds.FixedWindow;

    internal override LocalLimit Share(int replicas) => new LocalFixedWindow(PermitsOf(replicas), Period);
}
