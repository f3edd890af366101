using System.Globalization;
using Shop.Contracts.Gaming;

namespace Shop.Gaming.Runs;

/// <summary>What a game is, and what its scores may be. Section <c>Shop:Gaming:Games:&lt;name&gt;</c>.</summary>
public sealed class GameRules
{
    /// <summary>For a person. Default: the game's name.</summary>
    public string Title { get; set; } = "";

    /// <summary>How long a run is played. Default 60 s.</summary>
    public TimeSpan Duration { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>A score that comes sooner after the start is refused. Default: <see cref="Duration"/>. At most that; 0 takes a score at once.</summary>
    public TimeSpan? MinTime { get; set; }

    /// <summary>A score that comes later after the start is refused. Default 15 min, which leaves time for pauses. At least <see cref="Duration"/>.</summary>
    public TimeSpan Expiry { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>The most points of a second of play; a score above what the time played allows is refused. Default 40: nearly twice what a perfect run of the parcels makes. At least 1.</summary>
    public long MaxPointsPerSecond { get; set; } = 40;

    /// <summary>Whether a run that began at <paramref name="startedAt"/> may have this score now; null when it may.</summary>
    public RunRefusal? Judge(DateTimeOffset startedAt, long score, DateTimeOffset now)
    {
        var elapsed = now - startedAt;
        if (elapsed > Expiry)
            return new RunRefusal(RunRefusalReason.Expired, Text($"The run began {elapsed.TotalSeconds:0} seconds ago; its score is taken for {Expiry.TotalSeconds:0}. Start another."));
        if (elapsed < (MinTime ?? Duration))
            return new RunRefusal(RunRefusalReason.TooFast, Text($"The run began {elapsed.TotalSeconds:0.0} seconds ago; it lasts {(MinTime ?? Duration).TotalSeconds:0.###}. Send its score when it is over."));

        // Pauses make a run longer and not better. Decimal holds every product of a long and a few minutes.
        var played = elapsed < Duration ? elapsed : Duration;
        var most = Math.Floor(MaxPointsPerSecond * (decimal)played.TotalSeconds);
        return score > most
            ? new RunRefusal(RunRefusalReason.TooHigh, Text($"The score is {score}; nobody makes more than {most} points in {played.TotalSeconds:0.#} seconds of this game."))
            : null;
    }

    /// <summary>What is wrong with these rules; null when nothing is.</summary>
    public string? Validate() => this switch
    {
        { Duration.Ticks: <= 0 } => $"{nameof(Duration)} is {Duration}; it must be positive.",
        { MinTime.Ticks: < 0 } => $"{nameof(MinTime)} is {MinTime}; it must not be negative.",
        _ when MinTime > Duration => $"{nameof(MinTime)} is {MinTime} and {nameof(Duration)} {Duration}: a run cannot be over later than it ends.",
        _ when Expiry < Duration => $"{nameof(Expiry)} is {Expiry} and {nameof(Duration)} {Duration}: a run must have the time to be played.",
        { MaxPointsPerSecond: < 1 } => Text($"{nameof(MaxPointsPerSecond)} is {MaxPointsPerSecond}; it must be at least 1."),
        _ => null,
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
