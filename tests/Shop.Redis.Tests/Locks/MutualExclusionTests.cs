using Shop.Redis.Locks;
using Shop.Testing;
using Xunit;

namespace Shop.Redis.Tests.Locks;

public abstract class MutualExclusionTests(ITestRedis server)
{
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Many_contenders_over_several_connections_are_never_inside_together()
    {
        var ct = TestContext.Current.CancellationToken;
        var prefix = RedisFixture.NewPrefix();
        var inside = 0;
        var entered = 0;
        var tokens = new List<long>();

        async Task ContendAsync(RedisLocks locks)
        {
            for (var round = 0; round < 8; round++)
            {
                await using var held = await locks.AcquireAsync("till", Ttl, Wait, ct);
                Assert.Equal(1, Interlocked.Increment(ref inside));
                tokens.Add(held.FencingToken);
                await Task.Yield();
                entered++;
                Interlocked.Decrement(ref inside);
            }
        }

        var connections = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => server.ConnectAsync()));
        var all = connections.Select(connection => new RedisLocks(connection, prefix)).ToList();
        await Task.WhenAll(all.SelectMany(locks => Enumerable.Range(0, 8).Select(_ => Task.Run(() => ContendAsync(locks), ct))));

        Assert.Equal(4 * 8 * 8, entered);
        Assert.Equal(tokens.Order().Distinct(), tokens);
        foreach (var locks in all)
            await locks.DisposeAsync();
        foreach (var connection in connections)
            await connection.DisposeAsync();
    }

    [Fact]
    public async Task A_try_for_a_held_lock_answers_null_and_leaves_no_trace()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var locks = new RedisLocks(server.Connection, RedisFixture.NewPrefix());
        await using var held = await locks.TryAcquireAsync("till", Ttl, ct);
        Assert.NotNull(held);

        Assert.Null(await locks.TryAcquireAsync("till", Ttl, ct));

        var seen = await locks.InspectAsync("till", ct);
        Assert.Equal((held.Owner, held.FencingToken, 0), (seen!.Owner, seen.FencingToken, seen.Waiting));
    }

    [Fact]
    public async Task Different_resources_do_not_wait_for_each_other()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var locks = new RedisLocks(server.Connection, RedisFixture.NewPrefix());
        await using var one = await locks.TryAcquireAsync("till:1", Ttl, ct);
        await using var two = await locks.TryAcquireAsync("till:2", Ttl, ct);
        Assert.NotNull(one);
        Assert.NotNull(two);
    }

    [Fact]
    public async Task Releasing_does_not_free_anothers_lock()
    {
        var ct = TestContext.Current.CancellationToken;
        var prefix = RedisFixture.NewPrefix();
        var logger = new ListLogger<RedisLocks>();
        await using var locks = new RedisLocks(server.Connection, prefix, logger: logger);
        var first = await locks.TryAcquireAsync("till", Ttl, ct);
        Assert.NotNull(first);
        await server.Database.KeyDeleteAsync($"{prefix}lock:{{till}}");
        await using var second = await locks.TryAcquireAsync("till", Ttl, ct);
        Assert.NotNull(second);

        await first.DisposeAsync();

        Assert.Equal(second.FencingToken, (await locks.InspectAsync("till", ct))!.FencingToken);
        Assert.Contains(logger.Lines, line => line.Text.Contains("no longer held", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Disposing_twice_releases_once()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var locks = new RedisLocks(server.Connection, RedisFixture.NewPrefix());
        var first = await locks.TryAcquireAsync("till", Ttl, ct);
        await first!.DisposeAsync();
        await using var second = await locks.TryAcquireAsync("till", Ttl, ct);
        await first.DisposeAsync();

        Assert.NotNull(await locks.InspectAsync("till", ct));
        Assert.False(first.Lost.IsCancellationRequested);
        Assert.NotEqual(first.Owner, second!.Owner);
    }

    [Fact]
    public async Task An_uncontended_lock_costs_one_call_to_acquire_and_one_to_release()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var redis = await RedisFixture.StartServerAsync(persistent: false);
        await using var connection = await RedisFixture.ConnectAsync(redis);
        await using var locks = new RedisLocks(connection, "shop:");
        await (await locks.AcquireAsync("warm", Ttl, Wait, ct)).DisposeAsync();
        await connection.GetServers()[0].ConfigResetStatisticsAsync();

        await (await locks.AcquireAsync("till", Ttl, Wait, ct)).DisposeAsync();

        var calls = (await connection.GetServers()[0].InfoAsync("commandstats"))[0]
            .Where(line => line.Key.Contains("eval", StringComparison.Ordinal) || line.Key.Contains("subscribe", StringComparison.Ordinal))
            .ToDictionary(line => line.Key, line => line.Value.Split(',')[0], StringComparer.Ordinal);
        Assert.Equal(new Dictionary<string, string>(StringComparer.Ordinal) { ["cmdstat_evalsha"] = "calls=2" }, calls);
    }

    [Fact]
    public async Task Every_key_begins_with_the_prefix_carries_the_hash_tag_and_expires()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var redis = await RedisFixture.StartServerAsync(persistent: false);
        await using var connection = await RedisFixture.ConnectAsync(redis);
        await using var locks = new RedisLocks(connection, "shop:");
        await using var held = await locks.AcquireAsync("till", Ttl, Wait, ct);
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var waiting = locks.AcquireAsync("till", Ttl, Wait, leave.Token);
        await Eventually.TrueAsync(async () => (await locks.InspectAsync("till", ct))!.Waiting == 1, "the second stands in the queue");

        var keys = new List<string>();
        await foreach (var key in connection.GetServers()[0].KeysAsync())
        {
            keys.Add(key!);
            Assert.NotNull(await connection.GetDatabase().KeyTimeToLiveAsync(key));
        }

        Assert.Equal(["shop:lock:{till}", "shop:lock:{till}:queue", "shop:lock:{till}:token", "shop:lock:{till}:waiters"], keys.Order(StringComparer.Ordinal));
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task Operators_see_who_holds_what_since_when()
    {
        var ct = TestContext.Current.CancellationToken;
        var prefix = $"{RedisFixture.NewPrefix()}od[d]*?:";
        await using var locks = new RedisLocks(server.Connection, prefix, new LockOptions { Owner = "web-7" });
        await using var one = await locks.AcquireAsync("till", Ttl, Wait, ct);
        await using var two = await locks.AcquireAsync("orders:{0}", Ttl, Wait, ct);
        await (await locks.AcquireAsync("released", Ttl, Wait, ct)).DisposeAsync();

        var held = new List<HeldLock>();
        await foreach (var found in locks.ListAsync(ct))
            held.Add(found);

        Assert.Equal(["orders:{0}", "till"], held.Select(found => found.Resource).Order(StringComparer.Ordinal));
        Assert.All(held, found =>
        {
            Assert.StartsWith("web-7/", found.Owner, StringComparison.Ordinal);
            Assert.InRange(found.Age, TimeSpan.Zero, TimeSpan.FromMinutes(1));
            Assert.InRange(found.ExpiresIn, TimeSpan.Zero, Ttl);
        });
        Assert.Null(await locks.InspectAsync("released", ct));
    }
}

public sealed class MutualExclusionOnOneServer(OwnRedis server) : MutualExclusionTests(server), IClassFixture<OwnRedis>;

public sealed class MutualExclusionOnACluster(ClusterRedis server) : MutualExclusionTests(server);
