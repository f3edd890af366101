using System.ComponentModel;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Contracts.Gaming;
using Shop.Web.Customers;
using Shop.Web.Grains;

namespace Shop.Web.Games;

/// <summary>Runs of a game: the shop starts them and scores them. A score without a run, or one that the run cannot have, is refused.</summary>
internal static class RunsApi
{
    public static async Task<Results<Created<RunView>, ProblemHttpResult>> StartAsync(string game, ClaimsPrincipal user, GrainCalls grains, CancellationToken cancellationToken)
    {
        if (game == Boards.Loyalty)
            return NotPlayed(game);
        var id = Guid.CreateVersion7(); // a repeated call starts one
        return await grains.CallAsync(factory => factory.GetGrain<IGameGrain>(game).StartAsync(user.Customer(), id), cancellationToken) is { } run
            ? TypedResults.Created((string?)null, RunView.Of(run))
            : GamesApi.NoSuchGame(game);
    }

    public static async Task<Results<Ok<StandingView>, ValidationProblem, ProblemHttpResult>> ScoreAsync(
        string game, ScoreRequest request, ClaimsPrincipal user, GrainCalls grains, CancellationToken cancellationToken)
    {
        if (request.Score is not { } score)
            return Problems.Field("score", "Send a score: a whole number.");
        if (score < 0)
            return Problems.Field("score", $"The score is {score}; it must be 0 or more.");
        if (game == Boards.Loyalty)
            return NotPlayed(game);
        if (request.Token is not { } run)
            return Problems.Field("token", $"Send the token of the run that this score is of. POST /api/games/{game}/runs starts one.");

        var submission = Guid.CreateVersion7(); // a repeated call counts once
        var result = await grains.CallAsync(factory => factory.GetGrain<IGameGrain>(game).ScoreAsync(user.Customer(), run, score, submission), cancellationToken);
        return result switch
        {
            { Standing: { } standing } => TypedResults.Ok(StandingView.Of(standing, user.Identity!.Name)),
            { Refusal: { } refusal } => Refused(game, refusal),
            _ => throw new InvalidOperationException("The game's grain answered neither a standing nor a refusal."),
        };
    }

    private static ProblemHttpResult NotPlayed(string game) =>
        Problems.Conflict("This board takes no scores.", "Loyalty points come with paid orders. Choose another game.", ("game", game));

    private static ProblemHttpResult Refused(string game, RunRefusal refusal) => refusal.Reason == RunRefusalReason.NoSuchGame
        ? GamesApi.NoSuchGame(game)
        : Problems.Refused(
            refusal.Reason switch
            {
                RunRefusalReason.NoSuchRun => StatusCodes.Status404NotFound,
                RunRefusalReason.AlreadyScored => StatusCodes.Status409Conflict,
                RunRefusalReason.Expired => StatusCodes.Status410Gone,
                _ => StatusCodes.Status422UnprocessableEntity,
            },
            "The score is not taken.",
            refusal.Reason == RunRefusalReason.TooHigh ? "score" : "token",
            refusal.Detail,
            ("reason", refusal.Reason.ToString()));
}

/// <summary>A run that was started.</summary>
/// <param name="Token">What its score must carry.</param>
/// <param name="Seed">What chance in the game begins with.</param>
/// <param name="StartedAt">When, UTC.</param>
/// <param name="Seconds">How long it is played.</param>
/// <param name="ExpiresAt">Until when its score is taken.</param>
public sealed record RunView(Guid Token, int Seed, DateTimeOffset StartedAt, double Seconds, DateTimeOffset ExpiresAt)
{
    public static RunView Of(GameRun run) => new(run.Id, run.Seed, run.StartedAt, run.Duration.TotalSeconds, run.ExpiresAt);
}

/// <summary>The score of a run.</summary>
public sealed record ScoreRequest(
    [property: Description("A whole number, 0 or more")] long? Score,
    [property: Description("The token that the run was started with; one score for each")] Guid? Token);
