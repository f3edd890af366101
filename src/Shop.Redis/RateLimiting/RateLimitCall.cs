using StackExchange.Redis;

namespace Shop.Redis.RateLimiting;

/// <summary>Limits that are decided together, and what the scripts want to know of them.</summary>
internal sealed class RateLimitCall
{
    private const int Header = 2;
    private const int PerLimit = 5;

    private readonly RedisValue[] _arguments;

    /// <exception cref="ArgumentException">The limits cannot be decided together.</exception>
    public RateLimitCall(RateLimit[] limits, RateLimitKeys keys, TimeSpan rememberRefusals)
    {
        if (limits.Length == 0)
            throw new ArgumentException("Name at least one limit.", nameof(limits));
        Limits = limits;
        Keys = new RedisKey[2 * limits.Length];
        _arguments = new RedisValue[Header + (PerLimit * limits.Length)];
        _arguments[1] = (long)rememberRefusals.TotalMilliseconds;
        for (var i = 0; i < limits.Length; i++)
        {
            var (rule, partition) = limits[i];
            ArgumentNullException.ThrowIfNull(rule);
            if (i > 0 && RateLimitKeys.GroupOf(limits[i]) != RateLimitKeys.GroupOf(limits[0]))
            {
                throw new ArgumentException(
                    $"'{limits[0].Rule.Policy}' of '{limits[0].Partition}' is in the group '{RateLimitKeys.GroupOf(limits[0])}' and '{rule.Policy}' of '{partition}' in '{RateLimitKeys.GroupOf(limits[i])}': to be decided together, they need the same partition, or rules with the same {nameof(RateLimitRule.Group)}.",
                    nameof(limits));
            }

            Keys[2 * i] = keys.State(limits[i]);
            Keys[(2 * i) + 1] = keys.Refused(limits[i]);
            if (Array.IndexOf(Keys, Keys[2 * i]) < 2 * i)
                throw new ArgumentException($"'{rule.Policy}' of '{partition}' is named twice.", nameof(limits));
            var at = Header + (PerLimit * i);
            _arguments[at] = rule.Kind;
            _arguments[at + 1] = rule.Permits;
            _arguments[at + 2] = (long)rule.Period.TotalMicroseconds;
            _arguments[at + 3] = rule.Tokens;
            _arguments[at + 4] = rule.CountsRejected ? 1 : 0;
            Kinds |= rule.Kinds;
            MostPermits = Math.Min(MostPermits, rule.Permits);
        }
    }

    public RateLimit[] Limits { get; }

    public RedisKey[] Keys { get; }

    /// <summary>The kinds of its limits.</summary>
    public RateLimitKinds Kinds { get; }

    /// <summary>What a single call can have at most.</summary>
    public int MostPermits { get; } = int.MaxValue;

    public RedisValue[] Arguments(int permits)
    {
        var arguments = (RedisValue[])_arguments.Clone();
        arguments[0] = permits;
        return arguments;
    }
}
