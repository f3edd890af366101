using Shop.Contracts.Gaming;
using Shop.Web.Customers;
using Shop.Web.Grains;

namespace Shop.Web.Games;

/// <summary>Boards with the names of those who are on them.</summary>
public sealed class BoardReader(GrainCalls grains, CustomerNames names)
{
    /// <summary>How many above and how many below a customer are their neighbours.</summary>
    public const int Neighbours = 2;

    /// <summary>The best; null when the shop has no such board.</summary>
    public async Task<LeaderboardView?> TopAsync(string game, LeaderboardWindow window, int count, CancellationToken cancellationToken) =>
        await grains.CallAsync(factory => factory.GetGrain<ILeaderboardGrain>(game).TopAsync(window, count), cancellationToken) is { } entries
            ? await ViewAsync(game, window, entries, null, cancellationToken)
            : null;

    /// <summary>The customer and their neighbours, nobody when they are not on it; null when the shop has no such board.</summary>
    public async Task<LeaderboardView?> AroundAsync(string game, LeaderboardWindow window, string customer, int radius, CancellationToken cancellationToken) =>
        await grains.CallAsync(factory => factory.GetGrain<ILeaderboardGrain>(game).AroundAsync(window, customer, radius), cancellationToken) is { } entries
            ? await ViewAsync(game, window, entries, customer, cancellationToken)
            : null;

    /// <summary>The best, and the customer with their neighbours where they are not among them; null when the shop has no such board.</summary>
    public async Task<BoardView?> WatchedAsync(string game, LeaderboardWindow window, string? customer, int count, CancellationToken cancellationToken)
    {
        if (await TopAsync(game, window, count, cancellationToken) is not { } top)
            return null;
        if (customer is null || top.Entries.Any(entry => entry.Customer == customer))
            return new BoardView(game, top.Window, customer, top.Entries, []);
        var around = await AroundAsync(game, window, customer, Neighbours, cancellationToken);
        var last = top.Entries.Count > 0 ? top.Entries[^1].Rank : 0;
        return new BoardView(game, top.Window, customer, top.Entries, [.. around?.Entries.Where(entry => entry.Rank > last) ?? []]);
    }

    private async Task<LeaderboardView> ViewAsync(string game, LeaderboardWindow window, IReadOnlyList<Standing> entries, string? me, CancellationToken cancellationToken) =>
        LeaderboardView.Of(game, LeaderboardWindows.NameOf(window), entries, await names.OfAsync(entries.Select(static entry => entry.Customer), cancellationToken), me);
}

/// <summary>A board as a page shows it.</summary>
/// <param name="Game">The game.</param>
/// <param name="Window">day, week, season or all.</param>
/// <param name="Customer">Whose page it is; null for somebody who is not signed in.</param>
/// <param name="Top">The best, best first.</param>
/// <param name="Around">The customer and their neighbours, where they are not among the best.</param>
public sealed record BoardView(string Game, string Window, string? Customer, IReadOnlyList<StandingView> Top, IReadOnlyList<StandingView> Around);
