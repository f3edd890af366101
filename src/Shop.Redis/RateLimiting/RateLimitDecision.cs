using System.Threading.RateLimiting;

namespace Shop.Redis.RateLimiting;

/// <summary>What was decided about one request, and how its limits stood right after.</summary>
/// <param name="Granted">Whether the request may go on.</param>
/// <param name="Source">Who decided.</param>
/// <param name="At">When, to the microsecond: by Redis's clock, or by this process's when Redis had no part in it.</param>
/// <param name="RetryAfter">
/// Zero when granted. Else the wait after which the same request is granted, unless others take permits meanwhile: exact to the microsecond, not
/// earlier and not later. Under <see cref="RateLimitFallback.Deny"/>, when Redis is asked again.
/// </param>
/// <param name="Limits">Each limit of the request, in its order; empty when nobody looked (<see cref="RateLimitSource.Allowed"/>, <see cref="RateLimitSource.Denied"/>).</param>
public sealed record RateLimitDecision(bool Granted, RateLimitSource Source, DateTimeOffset At, TimeSpan RetryAfter, IReadOnlyList<RateLimitState> Limits)
{
    /// <summary>The decision behind a lease: <c>lease.TryGetMetadata(RateLimitDecision.Metadata, out var decision)</c>.</summary>
    public static MetadataName<RateLimitDecision> Metadata { get; } = MetadataName.Create<RateLimitDecision>("SHOP_RATE_LIMIT_DECISION");
}

/// <summary>Who decided.</summary>
public enum RateLimitSource
{
    /// <summary>Redis: exact over all processes.</summary>
    Redis,

    /// <summary>This process, with its share: Redis is away.</summary>
    Local,

    /// <summary>Nobody: Redis is away, and everything is let through.</summary>
    Allowed,

    /// <summary>Nobody: Redis is away, and everything is rejected.</summary>
    Denied,
}

/// <summary>How a limit stands.</summary>
/// <param name="Rule">Its rule.</param>
/// <param name="Partition">Whose it is.</param>
/// <param name="Permits">The most that can be had at once: the rule's, or this process's share while Redis is away.</param>
/// <param name="Remaining">Permits that can be had now.</param>
/// <param name="NextAfter">When one more permit comes back; zero when all are there.</param>
/// <param name="RetryAfter">When this limit would have let the request through; zero when it did. More than zero: it is one of those that rejected it.</param>
public sealed record RateLimitState(RateLimitRule Rule, string Partition, int Permits, int Remaining, TimeSpan NextAfter, TimeSpan RetryAfter);

/// <summary>A limit as operators see it.</summary>
/// <param name="State">How it stands; <see cref="RateLimitState.RetryAfter"/> is for a single permit.</param>
/// <param name="Refused">How many requests it refused lately (<see cref="RateLimitOptions.RememberRefusals"/>), on all processes.</param>
public sealed record InspectedLimit(RateLimitState State, long Refused);

/// <summary>A partition that had requests refused lately.</summary>
/// <param name="Policy">The rule that refused them.</param>
/// <param name="Partition">Whose requests; <c>#</c> and a hash for what cannot stand in a key.</param>
/// <param name="Count">How many, on all processes.</param>
public sealed record RefusedRequests(string Policy, string Partition, long Count);
