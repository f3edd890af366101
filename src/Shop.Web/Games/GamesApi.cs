using System.ComponentModel;
using System.Security.Claims;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Contracts.Gaming;
using Shop.Web.Customers;
using Shop.Web.Grains;

namespace Shop.Web.Games;

/// <summary>Scores and leaderboards. The board <c>loyalty</c> is written by paid orders and takes no scores.</summary>
public static partial class GamesApi
{
    public static RouteGroupBuilder MapGames(this IEndpointRouteBuilder routes)
    {
        var games = routes.MapGroup("/api/games/{game}").WithTags("Games").AddEndpointFilter(CheckName)
            .ProducesValidationProblem().ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        games.MapPost("/scores", SubmitAsync).RequireAuthorization().WithSummary("Records a score; the best of a customer counts");
        games.MapGet("/leaderboard", TopAsync).WithSummary("The best");
        games.MapGet("/leaderboard/me", AroundMeAsync).RequireAuthorization().WithSummary("My rank and my neighbours");
        return games;
    }

    private static async Task<Results<Ok<StandingView>, ValidationProblem, ProblemHttpResult>> SubmitAsync(
        string game, ScoreRequest request, ClaimsPrincipal user, GrainCalls grains, CancellationToken cancellationToken)
    {
        if (request.Score is not { } score)
            return Problems.Field("score", "Send a score: a whole number.");
        if (game == Boards.Loyalty)
            return Problems.Conflict("This board takes no scores.", "Loyalty points come with paid orders. Choose another game.", ("game", game));

        var submission = Guid.CreateVersion7(); // a repeated call counts once
        var standing = await grains.CallAsync(factory => factory.GetGrain<ILeaderboardGrain>(game).SubmitAsync(user.Customer(), score, submission), cancellationToken);
        return TypedResults.Ok(StandingView.Of(standing!));
    }

    private static async Task<Results<Ok<LeaderboardView>, ValidationProblem>> TopAsync(
        string game, GrainCalls grains, CancellationToken cancellationToken, [Description("day, week or all")] string window = "all", [Description("1 to 100")] int top = 10)
    {
        if (!TryParse(window, out var parsed))
            return UnknownWindow(window);
        if (top is < 1 or > 100)
            return Problems.Field("top", $"The top is {top}; it must be 1 to 100.");
        var entries = await grains.CallAsync(factory => factory.GetGrain<ILeaderboardGrain>(game).TopAsync(parsed, top), cancellationToken);
        return TypedResults.Ok(LeaderboardView.Of(game, window, entries));
    }

    private static async Task<Results<Ok<LeaderboardView>, ValidationProblem, ProblemHttpResult>> AroundMeAsync(
        string game, ClaimsPrincipal user, GrainCalls grains, CancellationToken cancellationToken, [Description("day, week or all")] string window = "all", [Description("Neighbours on each side, 0 to 50")] int around = 3)
    {
        if (!TryParse(window, out var parsed))
            return UnknownWindow(window);
        if (around is < 0 or > 50)
            return Problems.Field("around", $"The number of neighbours is {around}; it must be 0 to 50.");
        var entries = await grains.CallAsync(factory => factory.GetGrain<ILeaderboardGrain>(game).AroundAsync(parsed, user.Customer(), around), cancellationToken);
        return entries.Count > 0
            ? TypedResults.Ok(LeaderboardView.Of(game, window, entries, user.Customer()))
            : Problems.NotFound($"You are not on the board '{game}' ({window}) yet.");
    }

    private static async ValueTask<object?> CheckName(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var game = (string)context.HttpContext.Request.RouteValues["game"]!;
        return WellFormed().IsMatch(game)
            ? await next(context)
            : Problems.Field("game", $"The game '{game}' must be named with 1 to 64 characters of a-z 0-9 -.");
    }

    private static ValidationProblem UnknownWindow(string window) => Problems.Field("window", $"The window is '{window}'; it must be day, week or all.");

    private static bool TryParse(string window, out LeaderboardWindow parsed)
    {
        LeaderboardWindow? known = window switch
        {
            "all" => LeaderboardWindow.All,
            "day" => LeaderboardWindow.Day,
            "week" => LeaderboardWindow.Week,
            _ => null,
        };
        parsed = known ?? default;
        return known is not null;
    }

    [GeneratedRegex("^[a-z0-9-]{1,64}$", RegexOptions.ExplicitCapture)]
    private static partial Regex WellFormed();
}

/// <summary>A score to record: a 64-bit whole number.</summary>
public sealed record ScoreRequest(long? Score);

/// <summary>A place on a board; 1 is the best.</summary>
public sealed record StandingView(long Rank, string Customer, long Score)
{
    public static StandingView Of(Standing standing) => new(standing.Rank, standing.Customer, standing.Score);
}

/// <summary>A part of a board, best first; <paramref name="Me"/> is the customer's own place, where the call was about it.</summary>
public sealed record LeaderboardView(string Game, string Window, IReadOnlyList<StandingView> Entries, StandingView? Me)
{
    public static LeaderboardView Of(string game, string window, IReadOnlyList<Standing> entries, string? me = null)
    {
        var views = entries.Select(StandingView.Of).ToArray();
        return new LeaderboardView(game, window, views, Array.Find(views, view => view.Customer == me));
    }
}
