using Microsoft.Extensions.Options;
using Shop.Redis.RateLimiting;

namespace Shop.Web.Limits;

/// <summary>The section <c>Shop:Web:Limits</c>: how much of what.</summary>
public sealed class LimitSettings
{
    public const string Section = "Shop:Web:Limits";

    /// <summary>Requests of a customer, or of an address that is not signed in.</summary>
    public WindowSettings Requests { get; } = new() { Permits = 100, Window = TimeSpan.FromMinutes(1) };

    /// <summary>Tries to sign in to one account, from wherever.</summary>
    public WindowSettings SignInPerAccount { get; } = new() { Permits = 10, Window = TimeSpan.FromMinutes(5) };

    /// <summary>Tries to sign in from one address, to whichever account.</summary>
    public WindowSettings SignInPerAddress { get; } = new() { Permits = 30, Window = TimeSpan.FromMinutes(5) };

    /// <summary>Orders of a customer: a burst, and then one every two seconds.</summary>
    public BucketSettings PlaceOrder { get; } = new() { Capacity = 20, Tokens = 30, Period = TimeSpan.FromMinutes(1) };

    /// <summary>While Redis is away: <c>Local</c> (this replica's share), <c>Allow</c> or <c>Deny</c>.</summary>
    public RateLimitFallback WhenAway { get; set; } = RateLimitFallback.Local;

    /// <summary>How many replicas share the limits while Redis is away; as many as the app model starts.</summary>
    public int Replicas { get; set; } = 2;

    /// <summary>So many in any window.</summary>
    public sealed class WindowSettings
    {
        public int Permits { get; set; }

        public TimeSpan Window { get; set; }
    }

    /// <summary>So many at once, and then as many as a period brings.</summary>
    public sealed class BucketSettings
    {
        public int Capacity { get; set; }

        public int Tokens { get; set; }

        public TimeSpan Period { get; set; }
    }
}

/// <summary>A number that is no limit stops the start, with its name and value.</summary>
internal sealed class LimitSettingsCheck : IValidateOptions<LimitSettings>
{
    public ValidateOptionsResult Validate(string? name, LimitSettings options)
    {
        try
        {
            _ = new LimitRules(options);
            LimitRules.RedisOptions(options).Validate();
            return ValidateOptionsResult.Success;
        }
        catch (ArgumentException exception)
        {
            return ValidateOptionsResult.Fail($"{LimitSettings.Section}: {exception.Message}");
        }
    }
}
