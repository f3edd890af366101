using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Redis.RateLimiting;

namespace Shop.Web.Limits;

/// <summary>The answer to a request that a limit refused; its headers are <see cref="LimitHeaders"/>'.</summary>
internal static class LimitProblem
{
    private const string Types = "https://iana.org/assignments/http-problem-types";

    public static ProblemHttpResult Of(RateLimitDecision refusal)
    {
        var wait = $"Come back in {Text(LimitHeaders.Seconds(refusal.RetryAfter))} s.";
        if (refusal.Source == RateLimitSource.Denied)
        {
            return TypedResults.Problem(
                $"What you may do cannot be counted right now. {wait}",
                statusCode: StatusCodes.Status503ServiceUnavailable,
                title: "The shop cannot answer right now.",
                type: $"{Types}#temporary-reduced-capacity");
        }

        var violated = refusal.Limits.Where(static limit => limit.RetryAfter > TimeSpan.Zero).ToArray();
        var limits = string.Join(" and ", violated.Select(static limit => $"'{limit.Rule.Policy}' is {Text(limit.Permits)} in {Text(LimitHeaders.Seconds(limit.Rule.Window))} s"));
        return Of("Too many requests.", $"The limit {limits}. {wait}", [.. violated.Select(static limit => limit.Rule.Policy)]);
    }

    public static ProblemHttpResult Of(string title, string detail, string[] violated) => TypedResults.Problem(
        detail,
        statusCode: StatusCodes.Status429TooManyRequests,
        title: title,
        type: $"{Types}#quota-exceeded",
        extensions: new Dictionary<string, object?>(StringComparer.Ordinal) { ["violated-policies"] = violated });

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
