using Microsoft.Extensions.Time.Testing;
using Shop.Redis.Locks;
using Shop.Testing;
using StackExchange.Redis;
using Xunit;

namespace Shop.Redis.Tests.Locks;

public sealed class FaultTests
{
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Fencing_tokens_grow_across_a_wipe_and_a_restart()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var server = await RedisFixture.StartServerAsync(persistent: false);
        await using var redis = await RedisFixture.ConnectAsync(server);
        await using var locks = new RedisLocks(redis, "shop:");
        var tokens = new List<long>();
        async Task TakeAsync()
        {
            await using var held = await locks.AcquireAsync("till", Ttl, Wait, ct);
            tokens.Add(held.FencingToken);
        }

        for (var i = 0; i < 50; i++)
            await TakeAsync();
        await redis.GetServers()[0].FlushAllDatabasesAsync();
        for (var i = 0; i < 50; i++)
            await TakeAsync();
        await server.KillAsync();
        await server.StartAsync(ct);
        for (var i = 0; i < 50; i++)
            await TakeAsync();

        Assert.Equal(tokens.Order().Distinct(), tokens);
    }

    [Fact]
    public async Task Fencing_tokens_grow_when_the_servers_clock_is_set_back()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var server = await RedisFixture.StartServerAsync(persistent: false);
        await using var redis = await RedisFixture.ConnectAsync(server);
        await using var locks = new RedisLocks(redis, "shop:");
        // A token from the future is what the past looks like after the clock was set back.
        const long Future = 2_000_000_000_000_000;
        await redis.GetDatabase().StringSetAsync("shop:lock:{till}:token", Future);

        await using var held = await locks.AcquireAsync("till", Ttl, Wait, ct);

        Assert.Equal(Future + 1, held.FencingToken);
    }

    [Fact]
    public async Task A_wipe_is_noticed_at_the_next_renewal()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var server = await RedisFixture.StartServerAsync(persistent: false);
        await using var redis = await RedisFixture.ConnectAsync(server);
        var clock = new FakeTimeProvider();
        await using var locks = new RedisLocks(redis, "shop:", clock: clock);
        await using var held = await locks.AcquireAsync("till", Ttl, Wait, ct);
        await redis.GetServers()[0].FlushAllDatabasesAsync();
        Assert.False(held.Lost.IsCancellationRequested);

        clock.Advance(Ttl / 3);

        await CancelledAsync(held.Lost, "the wipe to be noticed");
    }

    [Fact]
    public async Task A_lock_that_another_took_is_lost_at_the_next_renewal()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var server = await RedisFixture.StartServerAsync(persistent: false);
        await using var redis = await RedisFixture.ConnectAsync(server);
        var clock = new FakeTimeProvider();
        await using var locks = new RedisLocks(redis, "shop:", clock: clock);
        await using var held = await locks.AcquireAsync("till", Ttl, Wait, ct);
        await redis.GetDatabase().KeyDeleteAsync("shop:lock:{till}");
        await using var thief = await locks.AcquireAsync("till", Ttl, Wait, ct);

        clock.Advance(Ttl / 3);

        await CancelledAsync(held.Lost, "the theft to be noticed");
        Assert.False(thief.Lost.IsCancellationRequested);
        Assert.Equal(thief.Owner, (await locks.InspectAsync("till", ct))!.Owner);
    }

    [Fact]
    public async Task A_lock_is_renewed_at_a_third_of_its_ttl_for_as_long_as_it_is_held()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var server = await RedisFixture.StartServerAsync(persistent: false);
        await using var redis = await RedisFixture.ConnectAsync(server);
        var database = redis.GetDatabase();
        var clock = new FakeTimeProvider();
        await using var locks = new RedisLocks(redis, "shop:", clock: clock);
        await using var held = await locks.AcquireAsync("till", Ttl, Wait, ct);
        for (var round = 0; round < 10; round++)
        {
            await database.KeyExpireAsync("shop:lock:{till}", TimeSpan.FromSeconds(10));
            clock.Advance(Ttl / 3);
            await Eventually.TrueAsync(
                async () => await database.KeyTimeToLiveAsync("shop:lock:{till}") > TimeSpan.FromSeconds(12),
                $"renewal {round}");
        }

        Assert.False(held.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task A_paused_server_loses_the_lock_when_the_ttl_less_its_margin_has_passed()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var server = await RedisFixture.StartServerAsync(persistent: false);
        await using var redis = await RedisFixture.ConnectAsync(server);
        var clock = new FakeTimeProvider();
        await using var locks = new RedisLocks(redis, "shop:", new LockOptions { LostMargin = 0.1 }, clock);
        var held = await locks.AcquireAsync("till", Ttl, Wait, ct);
        server.Pause();
        try
        {
            clock.Advance(TimeSpan.FromSeconds(26.9));
            Assert.False(held.Lost.IsCancellationRequested);

            clock.Advance(TimeSpan.FromSeconds(0.1));

            await CancelledAsync(held.Lost, "the lock to be lost");
        }
        finally
        {
            server.Resume();
        }

        // What is lost stays lost, though Redis may have carried out the late renewal; disposing still releases it.
        Assert.True(held.Lost.IsCancellationRequested);
        await held.DisposeAsync();
        await Eventually.TrueAsync(async () => await locks.InspectAsync("till", ct) is null, "the lock to be free");
    }

    [Fact]
    public async Task An_absent_server_loses_the_lock_and_disposing_is_bounded_and_logged()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var server = await RedisFixture.StartServerAsync(persistent: false);
        await using var redis = await RedisFixture.ConnectAsync(server);
        var logger = new ListLogger<RedisLocks>();
        await using var locks = new RedisLocks(redis, "shop:", new LockOptions { ReleaseTimeout = TimeSpan.FromMilliseconds(200) }, logger: logger);
        var held = await locks.AcquireAsync("till", TimeSpan.FromSeconds(2), Wait, ct);

        await server.KillAsync();

        await CancelledAsync(held.Lost, "the lock to be lost");
        await held.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20), ct);
        Assert.Contains(logger.Lines, line => line.Text.Contains("could not be released", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Disposing_while_the_server_is_paused_is_bounded_and_logged()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var server = await RedisFixture.StartServerAsync(persistent: false);
        await using var redis = await RedisFixture.ConnectAsync(server);
        var logger = new ListLogger<RedisLocks>();
        await using var locks = new RedisLocks(redis, "shop:", new LockOptions { ReleaseTimeout = TimeSpan.FromMilliseconds(100) }, logger: logger);
        var held = await locks.AcquireAsync("till", Ttl, Wait, ct);
        server.Pause();
        try
        {
            // Below the connection's own time-out of 5 s.
            await held.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(4), ct);
        }
        finally
        {
            server.Resume();
        }

        Assert.Contains(logger.Lines, line => line.Text.Contains("could not be released", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_holder_that_crashed_frees_the_lock_with_its_ttl()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var server = await RedisFixture.StartServerAsync(persistent: false);
        await using var redis = await RedisFixture.ConnectAsync(server);
        // Its clock stands still: it neither renews nor releases, as a process that was killed.
        var crashed = new RedisLocks(redis, "shop:", clock: new FakeTimeProvider());
        var held = await crashed.AcquireAsync("till", TimeSpan.FromSeconds(2), Wait, ct);
        await using var locks = new RedisLocks(redis, "shop:");

        Assert.Null(await locks.TryAcquireAsync("till", Ttl, ct));
        await using var next = await locks.AcquireAsync("till", Ttl, Wait, ct);

        Assert.True(next.FencingToken > held.FencingToken);
    }

    [Fact]
    public async Task A_lost_reply_is_resolved_by_asking_who_holds_the_lock()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var server = await RedisFixture.StartServerAsync(persistent: false);
        await using var redis = await RedisFixture.ConnectAsync(server);
        await using var proxy = new LossyProxy(server.Port);
        await using var lossy = await ConnectionMultiplexer.ConnectAsync(proxy.ConnectionString);
        await using var witness = new RedisLocks(redis, "shop:");
        await using var locks = new RedisLocks(lossy, "shop:", new LockOptions { AnswerTimeout = TimeSpan.FromSeconds(30) });
        // So that the script is known to the server and the acquire is a single request.
        await (await locks.TryAcquireAsync("warm", Ttl, ct))!.DisposeAsync();

        proxy.LoseReplies();
        var trying = locks.TryAcquireAsync("till", Ttl, ct);
        var seen = await Eventually.BecomesAsync(() => witness.InspectAsync("till", ct), held => held is not null, "the request to arrive");
        proxy.CutAndHeal();

        await using var held = await trying;
        Assert.NotNull(held);
        Assert.Equal((seen!.FencingToken, seen.Owner), (held.FencingToken, held.Owner));
    }

    [Fact]
    public async Task A_try_that_is_cancelled_before_its_reply_leaves_no_lock()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var server = await RedisFixture.StartServerAsync(persistent: false);
        await using var redis = await RedisFixture.ConnectAsync(server);
        await using var locks = new RedisLocks(redis, "shop:");
        await (await locks.TryAcquireAsync("warm", Ttl, ct))!.DisposeAsync();
        server.Pause();
        using var cancel = new CancellationTokenSource();
        var trying = locks.TryAcquireAsync("till", Ttl, cancel.Token);
        await cancel.CancelAsync();
        server.Resume();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => trying);

        await Eventually.TrueAsync(async () => await locks.InspectAsync("till", ct) is null, "the lock to be free");
    }

    [Fact]
    public async Task Waiters_survive_a_wipe_and_a_restart_of_the_server()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var server = await RedisFixture.StartServerAsync(persistent: false);
        await using var redis = await RedisFixture.ConnectAsync(server);
        await using var locks = new RedisLocks(redis, "shop:", new LockOptions { WaiterExpiry = TimeSpan.FromSeconds(1) });
        await using var first = await locks.AcquireAsync("till", Ttl, Wait, ct);
        var second = locks.AcquireAsync("till", Ttl, Wait, ct);
        await Eventually.TrueAsync(async () => (await locks.InspectAsync("till", ct))?.Waiting == 1, "the second stands in the queue");
        await redis.GetServers()[0].FlushAllDatabasesAsync();
        await using var afterWipe = await second;

        var third = locks.AcquireAsync("till", Ttl, Wait, ct);
        await Eventually.TrueAsync(async () => (await locks.InspectAsync("till", ct))?.Waiting == 1, "the third stands in the queue");
        await server.KillAsync();
        await server.StartAsync(ct);
        await using var afterRestart = await third;

        Assert.True(first.FencingToken < afterWipe.FencingToken && afterWipe.FencingToken < afterRestart.FencingToken);
    }

    [Fact]
    public async Task A_wait_while_the_server_is_away_ends_in_time_and_says_so()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var server = await RedisFixture.StartServerAsync(persistent: false);
        await using var redis = await RedisFixture.ConnectAsync(server);
        var options = new LockOptions { AnswerTimeout = TimeSpan.FromMilliseconds(200), ReleaseTimeout = TimeSpan.FromMilliseconds(200) };
        await using var locks = new RedisLocks(redis, "shop:", options);
        await server.KillAsync();

        var exception = await Assert.ThrowsAsync<TimeoutException>(() => locks.AcquireAsync("till", Ttl, TimeSpan.FromMilliseconds(500), ct).WaitAsync(TimeSpan.FromSeconds(20), ct));

        Assert.Contains("Redis does not answer", exception.Message, StringComparison.Ordinal);
    }

    private static async Task CancelledAsync(CancellationToken token, string what) =>
        await Eventually.TrueAsync(() => Task.FromResult(token.IsCancellationRequested), what);
}
