using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Security.Claims;
using System.Text.Json;
using System.Threading.Channels;
using Shop.Contracts;
using Shop.Contracts.Gaming;
using Shop.Redis.Live;
using Shop.Web.Customers;
using Shop.Web.Live;

namespace Shop.Web.Games;

/// <summary>
/// Follows a board: the whole of what a page shows of it, at once and whenever it changes. The log only says that it does, so that
/// nothing is lost when a change is: the next look at the board shows both. However many scores arrive, it is looked at a few
/// times a second; and now and then in any case, because days and weeks end by themselves.
/// </summary>
internal sealed class LeaderboardLive(BoardReader boards, LiveLog<BoardChange> changes, TimeProvider clock)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Recheck = TimeSpan.FromSeconds(15);

    public static async Task<IResult> FollowAsync(
        string game, ClaimsPrincipal user, LeaderboardLive live, CancellationToken cancellationToken,
        [Description("day, week, season (this month) or all")] string window = "all", [Description("1 to 100")] int top = 10)
    {
        if (!LeaderboardWindows.TryParse(window, out var parsed))
            return GamesApi.UnknownWindow(window);
        if (top is < 1 or > 100)
            return GamesApi.BadTop(top);
        var customer = user.Identity is { IsAuthenticated: true } ? user.Customer() : null;
        return await live.OpenAsync(game, parsed, customer, top, cancellationToken) is { } events ? new ServerSentEvents(events) : GamesApi.NoSuchGame(game);
    }

    private async Task<IAsyncEnumerable<ServerSentEvent>?> OpenAsync(string game, LeaderboardWindow window, string? customer, int top, CancellationToken cancellationToken) =>
        await boards.WatchedAsync(game, window, customer, top, cancellationToken) is { } first ? EventsAsync(first, window, top, cancellationToken) : null;

    private async IAsyncEnumerable<ServerSentEvent> EventsAsync(BoardView board, LeaderboardWindow window, int top, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watching = Task.WhenAll(WatchAsync(board.Game, changed.Writer, leaving.Token), TickAsync(changed.Writer, leaving.Token));
        using var pause = new PeriodicTimer(Pause, clock);
        try
        {
            var shown = Write(board);
            yield return shown;
            while (await pause.WaitForNextTickAsync(cancellationToken) && await changed.Reader.ReadAsync(cancellationToken))
            {
                var now = await boards.WatchedAsync(board.Game, window, board.Customer, top, cancellationToken);
                if (now is null || Write(now) is var next && next == shown)
                    continue;
                shown = Write(now);
                yield return shown;
            }
        }
        finally
        {
            await leaving.CancelAsync();
            await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WatchAsync(string game, ChannelWriter<bool> changed, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await foreach (var _ in changes.ReadAsync(LiveLogs.Board(game), LiveCursor.Start, cancellationToken))
                    changed.TryWrite(true);
            }
            catch (LiveLogGapException)
            {
                changed.TryWrite(true); // what was missed is on the board
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                changed.TryComplete(exception); // whoever reads the board meets it
                return;
            }
        }
    }

    private async Task TickAsync(ChannelWriter<bool> changed, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Recheck, clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
            changed.TryWrite(true);
    }

    private static ServerSentEvent Write(BoardView board) => new(null, "board", JsonSerializer.Serialize(board, ApiJson.Default.BoardView));
}
