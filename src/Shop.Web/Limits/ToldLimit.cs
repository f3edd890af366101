using Shop.Redis.RateLimiting;

namespace Shop.Web.Limits;

/// <summary>A limit as an answer's headers tell of it, wherever it was decided.</summary>
internal sealed record ToldLimit(string Policy, int Permits, TimeSpan Window, int Remaining, TimeSpan NextAfter)
{
    public static ToldLimit Of(RateLimitState limit) => new(limit.Rule.Policy, limit.Permits, limit.Rule.Window, limit.Remaining, limit.NextAfter);
}
