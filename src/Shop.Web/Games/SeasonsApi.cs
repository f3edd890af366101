using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Contracts.Gaming;
using Shop.Web.Customers;
using Shop.Web.Grains;

namespace Shop.Web.Games;

/// <summary>Seasons that are over. The current one is a window of the leaderboard.</summary>
public static partial class SeasonsApi
{
    public static async Task<Results<Ok<SeasonView>, ValidationProblem, ProblemHttpResult>> GetAsync(
        string game, string season, GrainCalls grains, CustomerNames names, CancellationToken cancellationToken)
    {
        if (!Month().IsMatch(season))
            return Problems.Field("season", $"The season is '{season}'; it must be a month, for example 2026-11.");
        if (await grains.CallAsync(factory => factory.GetGrain<ILeaderboardGrain>(game).SeasonAsync(season), cancellationToken) is not { } result)
            return Problems.NotFound($"The season {season} of '{game}' is not closed, or nobody played. GET /api/games/{game}/leaderboard?window=season shows the current one.");
        return TypedResults.Ok(SeasonView.Of(game, result, await names.OfAsync(result.Standings.Select(static standing => standing.Customer), cancellationToken)));
    }

    [GeneratedRegex("^[0-9]{4}-(0[1-9]|1[0-2])$", RegexOptions.ExplicitCapture)]
    private static partial Regex Month();
}

/// <summary>The final standings of a season; <paramref name="Players"/> counts those beyond the best 100 too.</summary>
public sealed record SeasonView(string Game, string Season, DateTimeOffset ClosedAt, long Players, IReadOnlyList<SeasonPlaceView> Entries)
{
    public static SeasonView Of(string game, SeasonResult result, IReadOnlyDictionary<string, string> names) => new(
        game, result.Season, result.ClosedAt, result.Players,
        [.. result.Standings.Select(standing => new SeasonPlaceView(standing.Rank, standing.Customer, names.GetValueOrDefault(standing.Customer), standing.Score, standing.Award))]);
}

/// <summary>A final place; <paramref name="Award"/> is in loyalty points.</summary>
public sealed record SeasonPlaceView(long Rank, string Customer, string? Name, long Score, long Award);
