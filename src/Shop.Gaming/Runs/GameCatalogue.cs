using System.Text.RegularExpressions;
using Shop.Contracts.Gaming;

namespace Shop.Gaming.Runs;

/// <summary>The games that the shop offers. There are no others: a game that somebody invents has no board, no runs and no awards.</summary>
public sealed partial class GameCatalogue
{
    /// <summary>The one game that is always there.</summary>
    public const string Parcels = "parcels";

    private readonly IReadOnlyDictionary<string, GameRules> _games;

    /// <exception cref="ArgumentException">A game's name or rules are not right; the message says which.</exception>
    public GameCatalogue(IReadOnlyDictionary<string, GameRules> games)
    {
        foreach (var (name, rules) in games)
        {
            if (!WellFormed().IsMatch(name) || name == Boards.Loyalty)
                throw new ArgumentException($"The game '{name}' must be named with 1 to 64 characters of a-z 0-9 -, and not '{Boards.Loyalty}'.", nameof(games));
            if (rules.Validate() is { } fault)
                throw new ArgumentException($"The game '{name}': {fault}", nameof(games));
        }

        _games = games;
    }

    /// <summary>The parcels, and what the section <c>Shop:Gaming:Games</c> adds or changes.</summary>
    public static GameCatalogue From(IConfiguration section)
    {
        var games = new Dictionary<string, GameRules>(StringComparer.Ordinal) { [Parcels] = new() { Title = "Catch the parcels" } };
        section.Bind(games);
        return new GameCatalogue(games);
    }

    /// <summary>The game's rules, or null when it is not offered.</summary>
    public GameRules? Find(string game) => _games.GetValueOrDefault(game);

    /// <summary>Whether there is such a board: that of a game, or loyalty.</summary>
    public bool HasBoard(string board) => board == Boards.Loyalty || _games.ContainsKey(board);

    [GeneratedRegex("^[a-z0-9-]{1,64}$", RegexOptions.ExplicitCapture)]
    private static partial Regex WellFormed();
}
