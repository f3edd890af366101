using System.Globalization;

namespace Shop.Redis.RateLimiting;

/// <summary>Settings of <see cref="RedisRateLimits"/>.</summary>
public sealed class RateLimitOptions
{
    /// <summary>What is decided while Redis is away. Default <see cref="RateLimitFallback.Local"/>.</summary>
    public RateLimitFallback WhenAway { get; init; } = RateLimitFallback.Local;

    /// <summary>
    /// How many processes share the limits; 1 or more, default 1. Only <see cref="RateLimitFallback.Local"/> asks: each process takes the permits
    /// divided by this, and never less than one. Too low a number lets more through during an outage, too high a number less.
    /// </summary>
    public int Replicas { get; init; } = 1;

    /// <summary>
    /// How long a request waits for Redis before it is decided without. Default 1 s; more than zero. A decision takes well below a millisecond, so
    /// this is for a Redis that hangs, and it is paid once: from then on <see cref="RetryInterval"/> applies. A call that Redis answers too late
    /// may have taken its permits there as well (with <c>BacklogPolicy.FailFast</c>, only one that was sent).
    /// </summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How often a Redis that was away is asked again, each time by one request, which waits for at most <see cref="AnswerTimeout"/>; the others are decided
    /// without. Default 1 s. Zero asks with every request.
    /// </summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long after the last one a limit's refusals are counted for <see cref="RedisRateLimits.InspectAsync"/> and <see cref="RedisRateLimits.RefusedAsync"/>. Default 1 h; at least 1 ms.</summary>
    public TimeSpan RememberRefusals { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Throws when a setting is out of range; <see cref="RedisRateLimits"/> calls it.</summary>
    /// <exception cref="ArgumentException">The message names the setting and its value.</exception>
    public void Validate()
    {
        if (!Enum.IsDefined(WhenAway))
            throw new ArgumentException($"{nameof(WhenAway)} is {WhenAway}: it is Local, Allow or Deny.");
        if (Replicas < 1)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{nameof(Replicas)} is {Replicas}: at least 1, this process."));
        if (AnswerTimeout <= TimeSpan.Zero)
            throw new ArgumentException($"{nameof(AnswerTimeout)} is {AnswerTimeout}: more than zero, or Redis is never asked.");
        if (RetryInterval < TimeSpan.Zero)
            throw new ArgumentException($"{nameof(RetryInterval)} is {RetryInterval}: zero or more.");
        if (RememberRefusals < TimeSpan.FromMilliseconds(1))
            throw new ArgumentException($"{nameof(RememberRefusals)} is {RememberRefusals}: at least 1 ms.");
    }
}
