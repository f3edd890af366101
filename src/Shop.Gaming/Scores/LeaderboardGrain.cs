using Orleans.Concurrency;
using Shop.Contracts.Gaming;

namespace Shop.Gaming.Scores;

/// <inheritdoc cref="ILeaderboardGrain" />
[StatelessWorker]
public sealed class LeaderboardGrain(GameBoards boards, TimeProvider clock) : Grain, ILeaderboardGrain
{
    private string Board => this.GetPrimaryKeyString();

    public async Task<Standing?> SubmitAsync(string customer, long score, Guid submissionId)
    {
        if (Board == Boards.Loyalty)
            return null;

        await boards.RecordAsync(new LedgerEntry(submissionId.ToString(), Board, customer, score, clock.GetUtcNow()), CancellationToken.None);
        return (await boards.AroundAsync(Board, LeaderboardWindow.All, customer, 0)).FirstOrDefault()
            ?? throw new InvalidOperationException($"The score of '{customer}' on '{Board}' was recorded, but is not on the board.");
    }

    public Task<IReadOnlyList<Standing>> TopAsync(LeaderboardWindow window, int count) => boards.TopAsync(Board, window, count);

    public Task<IReadOnlyList<Standing>> AroundAsync(LeaderboardWindow window, string customer, int radius) => boards.AroundAsync(Board, window, customer, radius);
}
