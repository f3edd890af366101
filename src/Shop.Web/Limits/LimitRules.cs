using Shop.Redis.RateLimiting;

namespace Shop.Web.Limits;

/// <summary>The settings as rules.</summary>
internal sealed class LimitRules(LimitSettings settings)
{
    public RateLimitRule Requests { get; } = Window(LimitPolicies.Requests, settings.Requests);

    public RateLimitRule PlaceOrder { get; } = new TokenBucket(LimitPolicies.PlaceOrder, settings.PlaceOrder.Capacity, settings.PlaceOrder.Tokens, settings.PlaceOrder.Period);

    public RateLimitRule SignInAccount { get; } = Window(LimitPolicies.SignInAccount, settings.SignInPerAccount, LimitPolicies.SignIn);

    public RateLimitRule SignInAddress { get; } = Window(LimitPolicies.SignInAddress, settings.SignInPerAddress, LimitPolicies.SignIn);

    public IReadOnlyList<RateLimitRule> All => [Requests, PlaceOrder, SignInAccount, SignInAddress];

    public static RateLimitOptions RedisOptions(LimitSettings settings) => new() { WhenAway = settings.WhenAway, Replicas = settings.Replicas };

    private static SlidingWindow Window(string policy, LimitSettings.WindowSettings window, string? group = null) =>
        new(policy, window.Permits, window.Window) { Group = group };
}
