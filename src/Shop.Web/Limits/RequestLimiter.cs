using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Shop.Redis.RateLimiting;

namespace Shop.Web.Limits;

/// <summary>
/// What ASP.NET Core's middleware asks about every request. All limits of a request, its endpoint's policy included, are decided in one call:
/// asked one after the other, a request that the second limit refuses would have taken from the first.
/// </summary>
internal sealed class RequestLimiter(RedisRateLimits limits, LimitRules rules) : PartitionedRateLimiter<HttpContext>
{
    public override RateLimiterStatistics? GetStatistics(HttpContext resource) => LimiterOf(resource).GetStatistics();

    protected override RateLimitLease AttemptAcquireCore(HttpContext resource, int permitCount) => LimiterOf(resource).AttemptAcquire(permitCount);

    protected override async ValueTask<RateLimitLease> AcquireAsyncCore(HttpContext resource, int permitCount, CancellationToken cancellationToken)
    {
        var lease = await LimiterOf(resource).AcquireAsync(permitCount, cancellationToken);
        if (lease.TryGetMetadata(RateLimitDecision.Metadata, out var decision))
            LimitHeaders.Add(resource, decision!);
        return lease;
    }

    private RateLimiter LimiterOf(HttpContext context)
    {
        var partition = LimitPartition.Of(context);
        return HttpMethods.IsPost(context.Request.Method) // a page is also looked at, which places nothing
            && context.GetEndpoint()?.Metadata.GetMetadata<EnableRateLimitingAttribute>()?.PolicyName == LimitPolicies.PlaceOrder
            ? limits.For(new RateLimit(rules.Requests, partition), new RateLimit(rules.PlaceOrder, partition))
            : limits.For(rules.Requests, partition);
    }
}
