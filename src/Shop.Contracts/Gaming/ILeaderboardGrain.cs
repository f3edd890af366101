namespace Shop.Contracts.Gaming;

/// <summary>The leaderboard of one game; the key is the game's name (<c>loyalty</c> is the board of paid orders). A stateless worker in Shop.Gaming.</summary>
[Alias("ILeaderboardGrain")]
public interface ILeaderboardGrain : IGrainWithStringKey
{
    /// <summary>Records a score; durable when answered. May be repeated: <paramref name="submissionId"/> counts once. Null for a board that takes no scores (loyalty).</summary>
    [Alias("Submit")]
    Task<Standing?> SubmitAsync(string customer, long score, Guid submissionId);

    /// <summary>The best <paramref name="count"/>, best first. May be repeated.</summary>
    [Alias("Top")]
    Task<IReadOnlyList<Standing>> TopAsync(LeaderboardWindow window, int count);

    /// <summary>The customer's standing with up to <paramref name="radius"/> neighbours on each side, best first; empty when not on the board. May be repeated.</summary>
    [Alias("Around")]
    Task<IReadOnlyList<Standing>> AroundAsync(LeaderboardWindow window, string customer, int radius);
}

/// <summary>The time that a leaderboard looks back on; days and weeks (from Monday) in UTC.</summary>
public enum LeaderboardWindow
{
    /// <summary>Everything.</summary>
    All,

    /// <summary>The current day.</summary>
    Day,

    /// <summary>The current week.</summary>
    Week,
}

/// <summary>A place on a leaderboard.</summary>
/// <param name="Rank">1 is the best.</param>
/// <param name="Customer">Who.</param>
/// <param name="Score">Points.</param>
[GenerateSerializer, Immutable, Alias("Standing")]
public sealed record Standing([property: Id(0)] long Rank, [property: Id(1)] string Customer, [property: Id(2)] long Score);

/// <summary>Names of boards that the system itself writes.</summary>
public static class Boards
{
    /// <summary>Loyalty points: one for each whole unit of currency of a paid order.</summary>
    public const string Loyalty = "loyalty";
}
