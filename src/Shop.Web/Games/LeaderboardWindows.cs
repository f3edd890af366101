using Shop.Contracts.Gaming;

namespace Shop.Web.Games;

/// <summary>The windows of a board, as addresses name them.</summary>
internal static class LeaderboardWindows
{
    public static bool TryParse(string window, out LeaderboardWindow parsed)
    {
        LeaderboardWindow? known = window switch
        {
            "all" => LeaderboardWindow.All,
            "day" => LeaderboardWindow.Day,
            "week" => LeaderboardWindow.Week,
            "season" => LeaderboardWindow.Season,
            _ => null,
        };
        parsed = known ?? default;
        return known is not null;
    }

    public static string NameOf(LeaderboardWindow window) => window switch
    {
        LeaderboardWindow.Day => "day",
        LeaderboardWindow.Week => "week",
        LeaderboardWindow.Season => "season",
        _ => "all",
    };
}
