using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Shop.Redis.RateLimiting;

/// <summary>The block's spans and metrics: source and meter <c>Shop.Redis.RateLimiting</c>. Partitions are no tags: there are as many as users.</summary>
internal static class RateLimitTelemetry
{
    public const string Name = "Shop.Redis.RateLimiting";

    private const string PolicyTag = "shop.limit.policy";
    private const string OutcomeTag = "shop.limit.outcome";
    private const string SourceTag = "shop.limit.source";

    private static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Decisions = Meter.CreateCounter<long>("shop.limits.decisions", "{decision}", "Decisions, by policy, outcome and who decided.");
    private static readonly Counter<long> Rejections = Meter.CreateCounter<long>("shop.limits.rejections", "{request}", "Requests rejected, by the policy that did.");
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("shop.limits.duration", "s", "How long a decision took.");

    /// <summary>How many <see cref="RedisRateLimits"/> decide without Redis now.</summary>
    public static readonly UpDownCounter<long> Fallback = Meter.CreateUpDownCounter<long>("shop.limits.fallback", "{limiter}", "Limiters that decide without Redis now.");

    /// <summary>A client span over one decision; null when nobody listens.</summary>
    public static Activity? Start(RateLimitCall call)
    {
        var activity = Source.StartActivity("limit decide", ActivityKind.Client);
        activity.IfRecorded()?.SetTag("db.system.name", "redis").SetTag("db.operation.name", "limit decide").SetTag(PolicyTag, string.Join(' ', call.Limits.Select(static limit => limit.Rule.Policy)));
        return activity;
    }

    public static void Decided(Activity? activity, RateLimitCall call, RateLimitDecision decision, TimeSpan took)
    {
        var outcome = decision.Granted ? "granted" : "rejected";
        var source = decision.Source switch
        {
            RateLimitSource.Redis => "redis",
            RateLimitSource.Local => "local",
            RateLimitSource.Allowed => "allowed",
            _ => "denied",
        };
        activity.IfRecorded()?.SetTag(OutcomeTag, outcome).SetTag(SourceTag, source);
        Duration.Record(took.TotalSeconds, new KeyValuePair<string, object?>(SourceTag, source));
        foreach (var limit in call.Limits)
            Decisions.Add(1, new(PolicyTag, limit.Rule.Policy), new(OutcomeTag, outcome), new(SourceTag, source));
        if (decision.Granted)
            return;
        foreach (var policy in decision.Limits.Count == 0
            ? call.Limits.Select(static limit => limit.Rule.Policy)
            : decision.Limits.Where(static state => state.RetryAfter > TimeSpan.Zero).Select(static state => state.Rule.Policy))
            Rejections.Add(1, new KeyValuePair<string, object?>(PolicyTag, policy));
    }

    public static void Failed(Activity? activity, Exception exception) =>
        activity?.SetStatus(ActivityStatusCode.Error, exception.Message).SetTag("error.type", exception.GetType().FullName);
}
