using System.Globalization;
using Shop.Redis.RateLimiting;

namespace Shop.Web.Limits;

/// <summary>
/// What an answer tells of the limits that it passed or failed: <c>RateLimit-Policy</c> and <c>RateLimit</c> (draft-ietf-httpapi-ratelimit-headers, structured
/// fields), and <c>Retry-After</c> with a refusal. Written when the answer starts, so that an error's answer has them too.
/// </summary>
internal sealed class LimitHeaders
{
    private readonly List<ToldLimit> _limits = [];
    private TimeSpan? _retryAfter;

    public static void Add(HttpContext context, RateLimitDecision decision) =>
        Add(context, decision.Limits.Select(ToldLimit.Of), decision.Granted ? null : decision.RetryAfter);

    /// <summary>For a limit that another service decided.</summary>
    /// <param name="context">The request.</param>
    /// <param name="limits">Those that were looked at.</param>
    /// <param name="retryAfter">When to come back; null when nothing was refused.</param>
    public static void Add(HttpContext context, IEnumerable<ToldLimit> limits, TimeSpan? retryAfter)
    {
        var headers = context.Features.Get<LimitHeaders>();
        if (headers is null)
        {
            context.Features.Set(headers = new LimitHeaders());
            context.Response.OnStarting(
                static state =>
                {
                    var (told, response) = ((LimitHeaders, HttpResponse))state;
                    told.Write(response.Headers);
                    return Task.CompletedTask;
                },
                (headers, context.Response));
        }

        headers._limits.AddRange(limits);
        headers._retryAfter ??= retryAfter;
    }

    /// <summary>Seconds, rounded up: to come back a moment too late is better than a moment too early.</summary>
    public static long Seconds(TimeSpan time) => (long)Math.Ceiling(time.TotalSeconds);

    private void Write(IHeaderDictionary headers)
    {
        if (_limits.Count > 0) // nobody looked at them while Redis is away, unless this replica decides itself
        {
            headers["RateLimit-Policy"] = string.Join(", ", _limits.Select(Policy));
            headers["RateLimit"] = string.Join(", ", _limits.Select(State));
        }

        if (_retryAfter is { } wait)
            headers.RetryAfter = Seconds(wait).ToString(CultureInfo.InvariantCulture);
    }

    private static string Policy(ToldLimit limit) =>
        string.Create(CultureInfo.InvariantCulture, $"\"{limit.Policy}\";q={limit.Permits};w={Seconds(limit.Window)}");

    /// <summary>Permits left, and when one more comes; when all are there, none does.</summary>
    private static string State(ToldLimit limit) => limit.NextAfter > TimeSpan.Zero
        ? string.Create(CultureInfo.InvariantCulture, $"\"{limit.Policy}\";r={limit.Remaining};t={Seconds(limit.NextAfter)}")
        : string.Create(CultureInfo.InvariantCulture, $"\"{limit.Policy}\";r={limit.Remaining}");
}
