namespace Shop.Redis.Jobs;

/// <summary>
/// How long to wait before a failed job is tried again: <see cref="First"/>, doubled with each failure, up to <see cref="Longest"/>,
/// each ± <see cref="Jitter"/> so that jobs which failed together do not come back together. The default, in numbers: after
/// failures 1 to 14 it waits 5 s, 10 s, 20 s, 40 s, 80 s, 2 min 40 s, 5 min 20 s, 10 min 40 s, 21 min 20 s, 42 min 40 s, then
/// four times 1 h; the 15th try (the last, by default) begins about 5 h 25 min after the first.
/// </summary>
public sealed record JobBackoff
{
    /// <summary>5 s, doubling to 1 h, ± 20 %.</summary>
    public static readonly JobBackoff Default = new();

    /// <summary>The wait after the first failure. Default 5 s; zero tries again at once, every time.</summary>
    public TimeSpan First { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>No wait is longer (but for the jitter). Default 1 h.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The part by which a wait may be shorter or longer, 0 to 1. Default 0.2.</summary>
    public double Jitter { get; init; } = 0.2;

    /// <summary>The wait after so many failures.</summary>
    /// <param name="failures">1 or more.</param>
    /// <param name="chance">Where in the jitter the wait lies, 0 to 1; 0.5 is the middle.</param>
    public TimeSpan After(int failures, double chance)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(failures, 1);
        var doubled = Math.Min(First.TotalMilliseconds * Math.Pow(2, failures - 1), Longest.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(doubled * (1 + Jitter * (2 * chance - 1)));
    }

    internal void Validate()
    {
        if (First < TimeSpan.Zero || Longest < First)
            throw new ArgumentException($"{nameof(First)} is {First} and {nameof(Longest)} is {Longest}: neither is negative, and the longest wait is no shorter than the first.");
        if (Jitter is not (>= 0 and <= 1))
            throw new ArgumentException(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{nameof(Jitter)} is {Jitter}: it is a part of the wait, 0 to 1."));
    }
}
