using Microsoft.Extensions.Time.Testing;
using Shop.Redis.Locks;
using Shop.Testing;
using Xunit;

namespace Shop.Redis.Tests.Locks;

public abstract class QueueTests(ITestRedis server)
{
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(60);

    private readonly string _prefix = RedisFixture.NewPrefix();

    [Fact]
    public async Task A_waiter_is_served_in_the_order_it_came()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var elsewhere = await server.ConnectAsync();
        await using var here = new RedisLocks(server.Connection, _prefix);
        await using var there = new RedisLocks(elsewhere, _prefix);
        var held = await here.AcquireAsync("till", Ttl, Wait, ct);
        var order = new List<int>();
        var waiting = new List<Task>();
        for (var i = 0; i < 10; i++)
        {
            var number = i;
            var locks = number % 2 == 0 ? here : there;
            waiting.Add(Task.Run(
                async () =>
                {
                    await using var mine = await locks.AcquireAsync("till", Ttl, Wait, ct);
                    order.Add(number);
                },
                ct));
            await QueuedAsync(here, number + 1);
        }

        await held.DisposeAsync();
        await Task.WhenAll(waiting);

        Assert.Equal(Enumerable.Range(0, 10), order);
    }

    [Fact]
    public async Task A_release_wakes_the_waiter_without_a_poll()
    {
        var ct = TestContext.Current.CancellationToken;
        // The next poll would come after 200 s: only the push can be in time.
        await using var locks = new RedisLocks(server.Connection, _prefix, new LockOptions { WaiterExpiry = TimeSpan.FromMinutes(10) });
        var held = await locks.AcquireAsync("till", TimeSpan.FromMinutes(10), Wait, ct);
        var waiting = locks.AcquireAsync("till", TimeSpan.FromMinutes(10), Wait, ct);
        await QueuedAsync(locks, 1);

        await held.DisposeAsync();

        await using var next = await waiting.WaitAsync(TimeSpan.FromSeconds(30), ct);
        Assert.True(next.FencingToken > held.FencingToken);
    }

    [Fact]
    public async Task A_lost_wake_up_costs_one_poll()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var deaf = await server.ConnectAsync();
        await using var locks = new RedisLocks(server.Connection, _prefix);
        await using var deafLocks = new RedisLocks(deaf, _prefix, new LockOptions { WaiterExpiry = TimeSpan.FromMilliseconds(600) });
        var held = await locks.AcquireAsync("till", Ttl, Wait, ct);
        var waiting = deafLocks.AcquireAsync("till", Ttl, Wait, ct);
        await QueuedAsync(locks, 1);
        await deaf.GetSubscriber().UnsubscribeAllAsync();

        await held.DisposeAsync();

        await using var next = await waiting.WaitAsync(TimeSpan.FromSeconds(30), ct);
        Assert.True(next.FencingToken > held.FencingToken);
    }

    [Fact]
    public async Task A_newcomer_does_not_overtake_those_who_wait_even_when_the_holder_died()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var locks = new RedisLocks(server.Connection, _prefix, new LockOptions { WaiterExpiry = TimeSpan.FromMinutes(10) });
        await using var held = await locks.AcquireAsync("till", Ttl, Wait, ct);
        var waiting = locks.AcquireAsync("till", Ttl, Wait, ct);
        await QueuedAsync(locks, 1);
        await server.Database.KeyDeleteAsync($"{_prefix}lock:{{till}}");

        Assert.Null(await locks.TryAcquireAsync("till", Ttl, ct));

        // The newcomer's try has even handed the lock on.
        await using var next = await waiting.WaitAsync(TimeSpan.FromSeconds(30), ct);
        Assert.Equal(next.Owner, (await locks.InspectAsync("till", ct))!.Owner);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_dead_waiter_at_the_head_does_not_block_the_others(bool longDead)
    {
        var ct = TestContext.Current.CancellationToken;
        var options = new LockOptions { WaiterExpiry = TimeSpan.FromMilliseconds(900) };
        await using var locks = new RedisLocks(server.Connection, _prefix, options);
        var held = await locks.AcquireAsync("till", Ttl, Wait, ct);
        // Its clock stands still, so it shows no life, and its connection is gone: so is a process that was killed.
        var grave = await server.ConnectAsync();
        var dead = new RedisLocks(grave, _prefix, options, new FakeTimeProvider());
        var lost = dead.AcquireAsync("till", Ttl, Wait, ct);
        await QueuedAsync(locks, 1);
        var waiting = locks.AcquireAsync("till", Ttl, Wait, ct);
        await QueuedAsync(locks, 2);
        await grave.DisposeAsync();
        if (longDead)
        {
            var entry = $"{_prefix}lock:{{till}}";
            await Eventually.TrueAsync(
                async () =>
                {
                    var alive = ((string)(await server.Database.HashGetAllAsync($"{entry}:waiters"))
                        .Single(waiter => !waiter.Name.StartsWith(Instance(held))).Value!).Split(' ')[0];
                    var time = (await server.Connection.GetServers()[0].TimeAsync()).Subtract(DateTime.UnixEpoch).TotalMicroseconds;
                    return long.Parse(alive, System.Globalization.CultureInfo.InvariantCulture) < time;
                },
                "the dead waiter's sign of life has run out");
        }

        await held.DisposeAsync();

        // Far below the ttl of 60 s, for which a whole grant would have lasted.
        await using var next = await waiting.WaitAsync(TimeSpan.FromSeconds(30), ct);
        Assert.True(next.FencingToken > held.FencingToken);
        Assert.False(lost.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Cancelling_leaves_the_queue()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var locks = new RedisLocks(server.Connection, _prefix);
        var held = await locks.AcquireAsync("till", Ttl, Wait, ct);
        using var cancel = new CancellationTokenSource();
        var first = locks.AcquireAsync("till", Ttl, Wait, cancel.Token);
        await QueuedAsync(locks, 1);
        var second = locks.AcquireAsync("till", Ttl, Wait, ct);
        await QueuedAsync(locks, 2);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await QueuedAsync(locks, 1);
        await held.DisposeAsync();
        await using var next = await second.WaitAsync(TimeSpan.FromSeconds(30), ct);
        Assert.Equal(0, (await locks.InspectAsync("till", ct))!.Waiting);
    }

    [Fact]
    public async Task Cancelling_at_the_moment_of_the_grant_loses_no_lock()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var locks = new RedisLocks(server.Connection, _prefix, new LockOptions { WaiterExpiry = TimeSpan.FromMinutes(10) });
        for (var round = 0; round < 30; round++)
        {
            var held = await locks.AcquireAsync("till", Ttl, Wait, ct);
            using var cancel = new CancellationTokenSource();
            var first = locks.AcquireAsync("till", Ttl, Wait, cancel.Token);
            await QueuedAsync(locks, 1);
            var second = locks.AcquireAsync("till", Ttl, Wait, ct);
            await QueuedAsync(locks, 2);

            await Task.WhenAll(Task.Run(() => held.DisposeAsync().AsTask(), ct), Task.Run(cancel.CancelAsync, ct));

            try
            {
                await (await first).DisposeAsync();
            }
            catch (OperationCanceledException)
            {
                // Either is right; the second must get the lock at once in both.
            }

            await (await second.WaitAsync(TimeSpan.FromSeconds(30), ct)).DisposeAsync();
        }
    }

    [Fact]
    public async Task A_wait_that_is_too_long_names_resource_wait_and_holder()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var locks = new RedisLocks(server.Connection, _prefix);
        await using var held = await locks.AcquireAsync("till", Ttl, Wait, ct);

        var exception = await Assert.ThrowsAsync<TimeoutException>(() => locks.AcquireAsync("till", Ttl, TimeSpan.FromMilliseconds(300), ct));

        Assert.Contains("'till'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("00:00:00.3", exception.Message, StringComparison.Ordinal);
        Assert.Contains(held.Owner, exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, (await locks.InspectAsync("till", ct))!.Waiting);
        await Assert.ThrowsAsync<TimeoutException>(() => locks.AcquireAsync("till", Ttl, TimeSpan.Zero, ct));
    }

    [Fact]
    public async Task Disposing_the_locks_ends_the_waits()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var locks = new RedisLocks(server.Connection, _prefix);
        await using var held = await locks.AcquireAsync("till", Ttl, Wait, ct);
        var other = new RedisLocks(server.Connection, _prefix);
        var waiting = other.AcquireAsync("till", Ttl, Timeout.InfiniteTimeSpan, ct);
        await QueuedAsync(locks, 1);

        await other.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        Assert.Equal(0, (await locks.InspectAsync("till", ct))!.Waiting);
    }

    private static string Instance(LockHandle handle) => handle.Owner[..handle.Owner.LastIndexOf('#')];

    private static Task QueuedAsync(RedisLocks locks, int count) =>
        Eventually.BecomesAsync(
            async () => (await locks.InspectAsync("till"))?.Waiting,
            waiting => waiting == count,
            $"{count} in the queue");
}

public sealed class QueueOnOneServer(OwnRedis server) : QueueTests(server), IClassFixture<OwnRedis>;

public sealed class QueueOnACluster(ClusterRedis server) : QueueTests(server);
