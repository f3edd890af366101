using Shop.Redis.RateLimiting;
using Shop.Testing;
using Xunit;

namespace Shop.Redis.Tests.RateLimiting;

/// <summary>Several limits that are decided at once.</summary>
public abstract class TogetherTests(ITestRedis server)
{
    private static readonly FixedWindow Account = new("account", 3, Limits.Hour) { Group = "sign-in" };
    private static readonly SlidingWindow Address = new("address", 5, Limits.Hour) { Group = "sign-in" };
    private static readonly TokenBucket Route = new("route", 100, 1, Limits.Hour) { Group = "sign-in" };

    private readonly string _prefix = RedisFixture.NewPrefix();

    private RedisRateLimits All => field ??= Limits.Of(server.Connection, _prefix);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_rejection_by_one_takes_nothing_from_the_others()
    {
        RateLimit[] together = [new(Account, "ada@example.org"), new(Address, "10.0.0.1"), new(Route, "sign-in")];
        var limiter = All.For(together);

        Assert.Equal(3, await limiter.CountAsync(10));

        var stand = await All.InspectAsync(together, Ct);
        Assert.Equal([0, 2, 97], stand.Select(static limit => limit.State.Remaining));
        Assert.Equal([7, 0, 0], stand.Select(static limit => limit.Refused));
    }

    [Fact]
    public async Task A_rejection_names_the_limits_that_rejected_and_the_longest_wait()
    {
        var brief = new FixedWindow("brief", 1, TimeSpan.FromMinutes(1));
        var lengthy = new FixedWindow("lengthy", 1, Limits.Hour);
        var wide = new FixedWindow("wide", 9, Limits.Hour);
        var limiter = All.For(new RateLimit(brief, "ada"), new RateLimit(lengthy, "ada"), new RateLimit(wide, "ada"));
        Assert.True((await limiter.ExactlyAsync()).Granted);

        var decision = await limiter.ExactlyAsync();

        Assert.Equal(["brief", "lengthy"], decision.Limits.Where(static state => state.RetryAfter > TimeSpan.Zero).Select(static state => state.Rule.Policy));
        Assert.Equal(decision.Limits[1].RetryAfter, decision.RetryAfter);
        Assert.InRange(decision.RetryAfter, TimeSpan.FromMinutes(50), Limits.Hour);
    }

    [Fact]
    public async Task N_permits_are_N_permits_when_many_accounts_come_from_one_address()
    {
        var address = new SlidingWindow("address", 40, Limits.Hour) { Group = "sign-in" };
        var accounts = Enumerable.Range(0, 20).Select(number => new RateLimit(Account, $"user-{number}@example.org")).ToArray();

        var granted = await Task.WhenAll(accounts.Select(account => Task.Run(() => All.For(account, new RateLimit(address, "10.0.0.1")).CountAsync(10), Ct)));

        Assert.Equal(40, granted.Sum());
        Assert.All(granted, static count => Assert.InRange(count, 0, 3));
        var taken = await All.InspectAsync([.. accounts, new RateLimit(address, "10.0.0.1")], Ct);
        Assert.Equal(granted.Append(40), taken.Select(static limit => limit.State.Permits - limit.State.Remaining));
    }

    [Fact]
    public async Task Only_the_limits_that_count_rejected_requests_pay_for_a_rejection()
    {
        var strict = new SlidingWindow("strict", 5, Limits.Hour) { CountsRejected = true };
        var lenient = new SlidingWindow("lenient", 5, Limits.Hour);
        var full = new SlidingWindow("full", 1, Limits.Hour);
        RateLimit[] together = [new(strict, "ada"), new(lenient, "ada"), new(full, "ada")];

        await All.For(together).CountAsync(4);

        Assert.Equal([1, 4, 0], (await All.InspectAsync(together, Ct)).Select(static limit => limit.State.Remaining));
    }

    [Fact]
    public async Task Limits_of_one_partition_are_decided_together_without_a_group()
    {
        var limiter = All.For(new RateLimit(new SlidingWindow("requests", 100, Limits.Hour), "ada"), new RateLimit(new TokenBucket("orders", 2, 1, Limits.Hour), "ada"));

        Assert.Equal(2, await limiter.CountAsync(5));
        Assert.Equal(98, await All.RemainingAsync(new SlidingWindow("requests", 100, Limits.Hour), "ada"));
    }

    [Fact]
    public void Limits_that_a_cluster_keeps_apart_are_refused_with_both_groups()
    {
        var error = Assert.Throws<ArgumentException>(() => All.For(new RateLimit(Account, "ada"), new RateLimit(new FixedWindow("requests", 1, Limits.Hour), "ada")));

        Assert.Contains("'sign-in'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'ada'", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => All.For(new RateLimit(Account, "ada"), new RateLimit(Account, "ada")));
        Assert.Throws<ArgumentException>(() => All.For());
    }

    [Fact]
    public async Task Operators_see_who_had_requests_refused()
    {
        await All.For(new RateLimit(Account, "ada@example.org"), new RateLimit(Address, "10.0.0.1")).CountAsync(7);
        await All.For(new RateLimit(Account, "bob@example.org"), new RateLimit(Address, "10.0.0.1")).CountAsync(3);
        await All.For(new RateLimit(Account, "someone with a space"), new RateLimit(Address, "10.0.0.2")).CountAsync(4);

        var refused = await All.RefusedAsync(Ct).ToListAsync(Ct);

        Assert.Contains(new RefusedRequests("account", "ada@example.org", 4), refused);
        Assert.Contains(new RefusedRequests("address", "10.0.0.1", 1), refused);
        var hashed = Assert.Single(refused, static one => one.Partition.StartsWith('#'));
        Assert.Equal(("account", 33, 1), (hashed.Policy, hashed.Partition.Length, hashed.Count));
        Assert.Equal(3, refused.Count);
    }
}

public sealed class TogetherOnOneServer(OwnRedis server) : TogetherTests(server), IClassFixture<OwnRedis>;

public sealed class TogetherOnACluster(ClusterRedis server) : TogetherTests(server);
