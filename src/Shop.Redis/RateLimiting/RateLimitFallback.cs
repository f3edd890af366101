namespace Shop.Redis.RateLimiting;

/// <summary>What is decided while Redis is away.</summary>
public enum RateLimitFallback
{
    /// <summary>This process decides by itself, by the same rules with its share of the permits (<see cref="RateLimitOptions.Replicas"/>): limits still hold, roughly.</summary>
    Local,

    /// <summary>Everything is let through: for limits that only keep things tidy.</summary>
    Allow,

    /// <summary>Everything is rejected: for limits that protect something worse than an outage.</summary>
    Deny,
}
