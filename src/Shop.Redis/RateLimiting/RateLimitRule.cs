using System.Globalization;

namespace Shop.Redis.RateLimiting;

/// <summary>How much of something each user, address or other partition may have: a <see cref="FixedWindow"/>, a <see cref="SlidingWindow"/> or a <see cref="TokenBucket"/>.</summary>
/// <remarks>Immutable. Processes that share a limit give it the same rule; when the numbers change, those who have the new ones decide by them at once.</remarks>
public abstract class RateLimitRule
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    private protected RateLimitRule(string policy, int permits, TimeSpan period)
    {
        RateLimitKeys.ValidatePolicy(policy);
        if (permits < 1)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"The policy '{policy}' has {permits} permits: at least 1."), nameof(permits));
        if (period < Shortest || period > Longest)
            throw new ArgumentException($"The policy '{policy}' has a time of {period}: 1 ms to 366 days.", nameof(period));
        Policy = policy;
        Permits = permits;
        Period = period;
    }

    /// <summary>The rule's name in keys, metrics and headers: 1 to 64 characters of <c>A-Z a-z 0-9 . _ -</c>.</summary>
    public string Policy { get; }

    /// <summary>The most that can be had at once: a window's permits, a bucket's capacity. At least 1.</summary>
    public int Permits { get; }

    /// <summary>The time that it takes until all permits are back at the latest: the window, or how long an empty bucket takes to fill.</summary>
    public abstract TimeSpan Window { get; }

    /// <summary>
    /// Which limits can be decided together with this rule's: those of the same group, which is the hash tag of their keys. Default
    /// null: the group is the partition, so that all rules of one user can be decided together and users spread over a cluster.
    /// Rules whose partitions have nothing in common (an account and an address) share a group by name; then all their partitions
    /// live in one slot of a cluster. 1 to 64 characters of <c>A-Z a-z 0-9 . _ -</c>. Changing it starts all its limits anew.
    /// </summary>
    public string? Group
    {
        get;
        init
        {
            if (value is not null)
                RateLimitKeys.ValidatePolicy(value);
            field = value;
        }
    }

    /// <summary>
    /// Whether a rejected request takes permits from this limit too, as far as there are any, whichever limit of the call rejected it. Default
    /// false: a rejection takes nothing, and whoever waits gets in. True keeps out those who go on hammering, until they pause.
    /// </summary>
    public bool CountsRejected { get; init; }

    /// <summary>The window, or the time that brings <see cref="Tokens"/>.</summary>
    internal TimeSpan Period { get; }

    internal virtual int Tokens => 1;

    /// <summary>What limits.lua calls it.</summary>
    internal abstract string Kind { get; }

    internal abstract RateLimitKinds Kinds { get; }

    /// <summary>One process's share of the limit, while Redis is away; never less than one permit.</summary>
    internal abstract LocalLimit Share(int replicas);

    private protected int PermitsOf(int replicas) => Math.Max(1, Permits / replicas);
}
