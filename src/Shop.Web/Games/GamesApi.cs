using System.ComponentModel;
using System.Security.Claims;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Contracts.Gaming;
using Shop.Web.Customers;

namespace Shop.Web.Games;

/// <summary>Runs, scores and leaderboards of the games that the shop offers. The board <c>loyalty</c> is written by paid orders and takes no scores.</summary>
public static partial class GamesApi
{
    public static RouteGroupBuilder MapGames(this IEndpointRouteBuilder routes)
    {
        var games = routes.MapGroup("/api/games/{game}").WithTags("Games").AddEndpointFilter(CheckName)
            .ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        games.MapPost("/runs", RunsApi.StartAsync).RequireAuthorization().WithSummary("Starts a run, in place of the one that you have open; its token is what its score must carry")
            .ProducesProblem(StatusCodes.Status409Conflict);
        games.MapPost("/scores", RunsApi.ScoreAsync).RequireAuthorization().WithSummary("Scores a run, once; the best of a customer counts")
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status410Gone).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        games.MapGet("/leaderboard", TopAsync).WithSummary("The best");
        games.MapGet("/leaderboard/me", AroundMeAsync).RequireAuthorization().WithSummary("My rank and my neighbours");
        games.MapGet("/leaderboard/live", LeaderboardLive.FollowAsync).WithSummary("The best, and me with my neighbours, now and whenever they change, as server-sent events")
            .Produces(StatusCodes.Status200OK, contentType: "text/event-stream");
        games.MapGet("/seasons/{season}", SeasonsApi.GetAsync).WithSummary("The final standings of a closed season, for example 2026-11");
        return games;
    }

    internal static ProblemHttpResult NoSuchGame(string game) => Problems.NotFound($"There is no game '{game}'.");

    internal static ValidationProblem UnknownWindow(string window) => Problems.Field("window", $"The window is '{window}'; it must be day, week, season or all.");

    internal static ValidationProblem BadTop(int top) => Problems.Field("top", $"The top is {top}; it must be 1 to 100.");

    private static async Task<Results<Ok<LeaderboardView>, ValidationProblem, ProblemHttpResult>> TopAsync(
        string game, BoardReader boards, CancellationToken cancellationToken, [Description("day, week, season (this month) or all")] string window = "all", [Description("1 to 100")] int top = 10)
    {
        if (!LeaderboardWindows.TryParse(window, out var parsed))
            return UnknownWindow(window);
        if (top is < 1 or > 100)
            return BadTop(top);
        return await boards.TopAsync(game, parsed, top, cancellationToken) is { } board ? TypedResults.Ok(board) : NoSuchGame(game);
    }

    private static async Task<Results<Ok<LeaderboardView>, ValidationProblem, ProblemHttpResult>> AroundMeAsync(
        string game, ClaimsPrincipal user, BoardReader boards, CancellationToken cancellationToken, [Description("day, week, season (this month) or all")] string window = "all", [Description("Neighbours on each side, 0 to 50")] int around = 3)
    {
        if (!LeaderboardWindows.TryParse(window, out var parsed))
            return UnknownWindow(window);
        if (around is < 0 or > 50)
            return Problems.Field("around", $"The number of neighbours is {around}; it must be 0 to 50.");
        return await boards.AroundAsync(game, parsed, user.Customer(), around, cancellationToken) switch
        {
            null => NoSuchGame(game),
            { Entries.Count: 0 } => Problems.NotFound($"You are not on the board '{game}' ({window}) yet."),
            var board => TypedResults.Ok(board),
        };
    }

    private static async ValueTask<object?> CheckName(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var game = (string)context.HttpContext.Request.RouteValues["game"]!;
        return WellFormed().IsMatch(game)
            ? await next(context)
            : Problems.Field("game", $"The game '{game}' must be named with 1 to 64 characters of a-z 0-9 -.");
    }

    [GeneratedRegex("^[a-z0-9-]{1,64}$", RegexOptions.ExplicitCapture)]
    private static partial Regex WellFormed();
}

/// <summary>A place on a board; 1 is the best. <paramref name="Name"/> is what people see of the customer; null when the account is gone.</summary>
public sealed record StandingView(long Rank, string Customer, string? Name, long Score)
{
    public static StandingView Of(Standing standing, string? name) => new(standing.Rank, standing.Customer, name, standing.Score);
}

/// <summary>A part of a board, best first; <paramref name="Me"/> is the customer's own place, where the call was about it.</summary>
public sealed record LeaderboardView(string Game, string Window, IReadOnlyList<StandingView> Entries, StandingView? Me)
{
    public static LeaderboardView Of(string game, string window, IReadOnlyList<Standing> entries, IReadOnlyDictionary<string, string> names, string? me = null)
    {
        var views = entries.Select(entry => StandingView.Of(entry, names.GetValueOrDefault(entry.Customer))).ToArray();
        return new LeaderboardView(game, window, views, Array.Find(views, view => view.Customer == me));
    }
}
