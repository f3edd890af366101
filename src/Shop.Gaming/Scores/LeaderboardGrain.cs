using Orleans.Concurrency;
using Shop.Contracts.Gaming;
using Shop.Gaming.Runs;
using Shop.Gaming.Seasons;

namespace Shop.Gaming.Scores;

/// <inheritdoc cref="ILeaderboardGrain" />
[StatelessWorker]
public sealed class LeaderboardGrain(GameCatalogue games, GameBoards boards, SeasonStore seasons) : Grain, ILeaderboardGrain
{
    private string Board => this.GetPrimaryKeyString();

    public async Task<IReadOnlyList<Standing>?> TopAsync(LeaderboardWindow window, int count) => games.HasBoard(Board) ? await boards.TopAsync(Board, window, count) : null;

    public async Task<IReadOnlyList<Standing>?> AroundAsync(LeaderboardWindow window, string customer, int radius) =>
        games.HasBoard(Board) ? await boards.AroundAsync(Board, window, customer, radius) : null;

    public async Task<SeasonResult?> SeasonAsync(string season) => games.HasBoard(Board) ? await seasons.FindAsync(Board, season) : null;
}
