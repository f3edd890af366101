using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Redis.RateLimiting;
using Shop.Web.Limits;

namespace Shop.Web.Operations;

/// <summary>The limits, who runs into them, and how they stand for somebody.</summary>
internal static class LimitsApi
{
    public static void MapLimits(this RouteGroupBuilder operations)
    {
        operations.MapGet("/limits", ListAsync).WithSummary("Every limit, and who had requests refused in the last hour");
        operations.MapGet("/limits/{policy}", GetAsync).WithSummary("How a limit stands for a customer, an address or an account; takes nothing")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Results<Ok<LimitList>, ValidationProblem>> ListAsync(
        OperationsReader reader, CancellationToken cancellationToken, [Description("The most refused to list, the most often refused first: 1 to 1000")] int take = 100)
    {
        if (take is < 1 or > 1000)
            return Problems.Field("take", $"The number is {take}; it must be 1 to 1000.");
        return TypedResults.Ok(await reader.LimitsAsync(take, cancellationToken));
    }

    private static async Task<Results<Ok<LimitView>, ValidationProblem, ProblemHttpResult>> GetAsync(
        string policy, RedisRateLimits limits, LimitRules rules, CancellationToken cancellationToken, [Description("Whose, for example user:ada, address:10.0.0.1, or ada@example.org for sign-in-account")] string? partition = null)
    {
        if (rules.All.FirstOrDefault(rule => rule.Policy == policy) is not { } rule)
            return Problems.NotFound($"There is no limit '{policy}'; there are {string.Join(", ", rules.All.Select(static rule => rule.Policy))}.");
        if (string.IsNullOrWhiteSpace(partition))
            return Problems.Field("partition", "Say whose: user:<customer> or address:<address>; for sign-in-account the e-mail address, for sign-in-address the address.");
        var inspected = await limits.InspectAsync([new RateLimit(rule, partition)], cancellationToken);
        return TypedResults.Ok(LimitView.Of(inspected[0]));
    }
}

/// <summary>The limits.</summary>
/// <param name="Policies">Every limit.</param>
/// <param name="Refused">Who had requests refused in the last hour, the most often refused first.</param>
/// <param name="Total">Counts those not shown too.</param>
/// <param name="Fallback">Whether the replica that answers decides without Redis now.</param>
public sealed record LimitList(IReadOnlyList<PolicyView> Policies, IReadOnlyList<RefusedView> Refused, int Total, bool Fallback);

/// <summary>A limit. <paramref name="Refused"/> counts the requests of those who had any refused in the last hour, on all replicas.</summary>
public sealed record PolicyView(string Policy, string Kind, int Permits, double WindowSeconds, long Refused)
{
    public static PolicyView Of(RateLimitRule rule, long refused) => new(
        rule.Policy, rule switch { TokenBucket => "token-bucket", FixedWindow => "fixed-window", _ => "sliding-window" }, rule.Permits, rule.Window.TotalSeconds, refused);
}

/// <summary>Somebody whose requests were refused.</summary>
public sealed record RefusedView(string Policy, string Partition, long Count);

/// <summary>How a limit stands for somebody. <paramref name="NextAfterSeconds"/> is 0 when all permits are there.</summary>
public sealed record LimitView(string Policy, string Partition, int Permits, int Remaining, double NextAfterSeconds, long Refused)
{
    public static LimitView Of(InspectedLimit limit) => new(
        limit.State.Rule.Policy, limit.State.Partition, limit.State.Permits, limit.State.Remaining, limit.State.NextAfter.TotalSeconds, limit.Refused);
}
