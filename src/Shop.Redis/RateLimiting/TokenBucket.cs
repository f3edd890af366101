using System.Globalization;

namespace Shop.Redis.RateLimiting;

/// <summary>
/// A bucket of permits that fills evenly, one after the other and not in batches: a burst of its capacity, and then a steady rate. In any
/// time, at most its capacity and what the time brings can pass. Kept as a single moment (GCRA, ITU-T I.371) of some 100 bytes, in whole
/// parts of a permit, so that no rate is rounded.
/// </summary>
/// <remarks>Redis commands, in a script: GET, SET with PXAT.</remarks>
public sealed class TokenBucket : RateLimitRule
{
    // Twice this, and a Lua number would no longer be exact.
    private const long MostParts = 1L << 52;

    /// <summary>A bucket that begins full.</summary>
    /// <param name="policy">The rule's name.</param>
    /// <param name="capacity">The largest burst; at least 1.</param>
    /// <param name="tokens">How many permits a period brings; 1 to 1,000,000.</param>
    /// <param name="period">1 ms to 366 days; its microseconds times the capacity may be 2^52 (a thousand permits and a month are half of that).</param>
    /// <exception cref="ArgumentException">A value is out of range; the message names it.</exception>
    public TokenBucket(string policy, int capacity, int tokens, TimeSpan period)
        : base(policy, capacity, period)
    {
        if (tokens is < 1 or > 1_000_000)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"The policy '{policy}' brings {tokens} tokens a period: 1 to 1,000,000."), nameof(tokens));
        if (capacity > MostParts / (long)period.TotalMicroseconds)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"The policy '{policy}' has a capacity of {capacity} and a period of {period}: capacity times the period's microseconds is at most 2^52. Bring fewer tokens in a shorter period."), nameof(capacity));
        Tokens = tokens;
    }

    /// <inheritdoc/>
    public override TimeSpan Window => Period * ((double)Permits / Tokens);

    internal override int Tokens { get; }

    internal override string Kind => "bucket";

    internal override RateLimitKinds Kinds => RateLimitKinds.TokenBucket;

    internal override LocalLimit Share(int replicas) => new LocalTokenBucket(PermitsOf(replicas), Tokens, Period * replicas);
}
