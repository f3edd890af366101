namespace Shop.Redis.RateLimiting;

/// <summary>A rule as it applies to one user, address, route or whatever it is that has permits of its own.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Partition">
/// Whose permits, for example <c>user:ada</c>; not empty. Up to 64 characters of <c>A-Z a-z 0-9 . _ : @ + / -</c> stand in the keys as they
/// are; anything else (raw input, too) is replaced by its SHA-256.
/// </param>
public readonly record struct RateLimit(RateLimitRule Rule, string Partition);
