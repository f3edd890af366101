using Shop.Benchmarks.Harness;
using Shop.Redis.RateLimiting;

namespace Shop.Benchmarks.Scenarios;

internal sealed class RateLimitsAlone() : RateLimits("rate-limit-alone", callers: 1, order: 70);

internal sealed class RateLimitsTogether() : RateLimits("rate-limit", callers: 16, order: 71);

internal abstract class RateLimits(string name, int callers, int order) : Scenario
{
    private const int Users = 1_000;
    private const int Permits = 100_000; // never refused: the work is that of a request that may pass
    private const string Raw = "raw INCR";

    public override string Name => name;

    public override string Measures => $"One decision for one of 1,000 users, of each kind of limit; {(callers == 1 ? "one caller" : $"{callers} callers")}.";

    public override int Order => order;

    public override IReadOnlyList<Target> Targets => [Target.Ratio(0.8, "fixed window", Raw), Target.Ratio(0.8, "sliding window", Raw), Target.Ratio(0.8, "token bucket", Raw)];

    public override IReadOnlyList<Side> CreateSides() =>
    [
        Limit("fixed window", new FixedWindow("fixed", Permits, TimeSpan.FromMinutes(1))),
        Limit("sliding window", new SlidingWindow("sliding", Permits, TimeSpan.FromMinutes(1))),
        Limit("token bucket", new TokenBucket("bucket", capacity: Permits, tokens: Permits, period: TimeSpan.FromMinutes(1))),
        new CallSide(Raw, ours: false, callers, static (redis, prefix) =>
        {
            var users = Numbers.Of(prefix, Users);
            return _ => redis.GetDatabase().StringIncrementAsync(users.Any());
        }),
    ];

    private CallSide Limit(string kind, RateLimitRule rule) => new(kind, ours: true, callers, (redis, prefix) =>
    {
        var limits = new RedisRateLimits(redis, prefix);
        var users = Numbers.Of("user:", Users);
        return async _ =>
        {
            using var lease = await limits.For(rule, users.Any()).AcquireAsync();
            if (!lease.IsAcquired)
                throw new InvalidOperationException($"{rule} refused a permit.");
        };
    });
}
