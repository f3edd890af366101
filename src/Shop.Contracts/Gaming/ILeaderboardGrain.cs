namespace Shop.Contracts.Gaming;

/// <summary>
/// The leaderboard of one game; the key is the game's name (<c>loyalty</c> is the board of paid orders). Scores come by
/// <see cref="IGameGrain"/>. A stateless worker in Shop.Gaming.
/// </summary>
[Alias("ILeaderboardGrain")]
public interface ILeaderboardGrain : IGrainWithStringKey
{
    /// <summary>The best <paramref name="count"/>, best first; null when the shop has no such board. May be repeated.</summary>
    [Alias("Top")]
    Task<IReadOnlyList<Standing>?> TopAsync(LeaderboardWindow window, int count);

    /// <summary>The customer's standing with up to <paramref name="radius"/> neighbours on each side, best first; empty when not on the board, null when the shop has no such board. May be repeated.</summary>
    [Alias("Around")]
    Task<IReadOnlyList<Standing>?> AroundAsync(LeaderboardWindow window, string customer, int radius);

    /// <summary>The final standings of a closed season, for example <c>2026-11</c>; null when it is not closed, or nobody played. May be repeated.</summary>
    [Alias("Season")]
    Task<SeasonResult?> SeasonAsync(string season);
}

/// <summary>The time that a leaderboard looks back on; days, weeks (from Monday) and seasons (calendar months) in UTC.</summary>
public enum LeaderboardWindow
{
    /// <summary>Everything.</summary>
    All,

    /// <summary>The current day.</summary>
    Day,

    /// <summary>The current week.</summary>
    Week,

    /// <summary>The current season: the calendar month.</summary>
    Season,
}

/// <summary>A place on a leaderboard.</summary>
/// <param name="Rank">1 is the best.</param>
/// <param name="Customer">Who.</param>
/// <param name="Score">Points.</param>
[GenerateSerializer, Immutable, Alias("Standing")]
public sealed record Standing([property: Id(0)] long Rank, [property: Id(1)] string Customer, [property: Id(2)] long Score);

/// <summary>The final standings of a season.</summary>
/// <param name="Season">The calendar month, for example <c>2026-11</c>.</param>
/// <param name="ClosedAt">When they became final, UTC.</param>
/// <param name="Players">How many played.</param>
/// <param name="Standings">The best 100, best first; of equals the one who was first.</param>
[GenerateSerializer, Immutable, Alias("SeasonResult")]
public sealed record SeasonResult(
    [property: Id(0)] string Season, [property: Id(1)] DateTimeOffset ClosedAt, [property: Id(2)] long Players, [property: Id(3)] IReadOnlyList<SeasonStanding> Standings);

/// <summary>A place in the final standings of a season.</summary>
/// <param name="Rank">1 is the best.</param>
/// <param name="Customer">Who.</param>
/// <param name="Score">Points in the game.</param>
/// <param name="Award">The loyalty points that the place earned.</param>
[GenerateSerializer, Immutable, Alias("SeasonStanding")]
public sealed record SeasonStanding([property: Id(0)] long Rank, [property: Id(1)] string Customer, [property: Id(2)] long Score, [property: Id(3)] long Award);

/// <summary>Names of boards that the system itself writes.</summary>
public static class Boards
{
    /// <summary>Loyalty points: one for each whole unit of currency of a paid order.</summary>
    public const string Loyalty = "loyalty";
}
