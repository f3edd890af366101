namespace Shop.Web.Limits;

/// <summary>The names of the shop's limits, in headers, metrics and keys.</summary>
public static class LimitPolicies
{
    /// <summary>Every request: per customer, or per address for those who are not signed in. Applies by itself.</summary>
    public const string Requests = "requests";

    /// <summary>Placing orders, per customer, together with <see cref="Requests"/>: <c>.RequireRateLimiting(LimitPolicies.PlaceOrder)</c>.</summary>
    public const string PlaceOrder = "place-order";

    /// <summary>Signing in, per account; together with <see cref="SignInAddress"/>, see <see cref="SignInLimit"/>.</summary>
    public const string SignInAccount = "sign-in-account";

    /// <summary>Signing in, per address.</summary>
    public const string SignInAddress = "sign-in-address";

    /// <summary>The group in which accounts and addresses are decided together.</summary>
    public const string SignIn = "sign-in";
}
