namespace Shop.Redis.Live;

/// <summary>Settings of <see cref="Presence"/>.</summary>
public sealed class PresenceOptions
{
    /// <summary>
    /// How long somebody whose process died is still shown. Default 15 s. A connection is renewed three times in it, one command
    /// each: halving it doubles them. At least 300 ms.
    /// </summary>
    public TimeSpan TimeToLive { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Throws when a setting is out of range; <see cref="Presence"/> calls it.</summary>
    /// <exception cref="ArgumentException">The message names the setting and its value.</exception>
    public void Validate()
    {
        if (TimeToLive < TimeSpan.FromMilliseconds(300))
            throw new ArgumentException($"{nameof(TimeToLive)} is {TimeToLive}: at least 300 ms, or a short pause makes people vanish.");
    }
}
