using Microsoft.Extensions.Time.Testing;
using Shop.EmbeddedHosting.Servers;
using Shop.Redis.Caching;
using Shop.Redis.Tests.Locks;
using Shop.Testing;
using StackExchange.Redis;
using Xunit;

namespace Shop.Redis.Tests.Caching;

/// <summary>A Redis that is wiped, stands still, is away, forgets, or cannot be heard.</summary>
public sealed class CacheFaultTests : IAsyncLifetime
{
    private static readonly CacheOptions Impatient = new() { Patience = TimeSpan.FromSeconds(1), RecheckInterval = TimeSpan.FromHours(1), Expiration = TimeSpan.FromHours(2), LocalExpiration = TimeSpan.FromHours(2) };

    private readonly Source _source = new();
    private RedisServer _server = null!;
    private ConnectionMultiplexer _one = null!;
    private ConnectionMultiplexer _other = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisFixture.StartServerAsync(persistent: false);
        _one = await RedisFixture.ConnectAsync(_server);
        _other = await RedisFixture.ConnectAsync(_server);
    }

    public async ValueTask DisposeAsync()
    {
        await _one.DisposeAsync();
        await _other.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_wipe_costs_loads_and_brings_nothing_old_back()
    {
        await using var rig = new CacheRig();
        var (here, there) = (rig.Start(_one), rig.Start(_other));
        for (var value = 1; value <= 5; value++)
        {
            _source.Value = value;
            await here.Cache.RemoveAsync("answer", Ct);
            await there.SeesAsync(value, _source);
            await _one.GetServers()[0].FlushAllDatabasesAsync();

            Assert.Equal(value, await here.ReadAsync(_source));
            Assert.Equal(value, await there.ReadAsync(_source)); // from its memory, which is as true as before
            Assert.Equal(value, await rig.Start(_other).ReadAsync(_source));
        }
    }

    [Theory]
    [InlineData(CacheWhileAway.KeepBriefly)]
    [InlineData(CacheWhileAway.AlwaysLoad)]
    public async Task While_Redis_is_away_reads_go_to_the_source_as_the_option_says(CacheWhileAway whileAway)
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(60));
        await using var rig = new CacheRig(new CacheOptions { Patience = TimeSpan.FromSeconds(1), WhileAway = whileAway }, clock);
        var replica = rig.Start(_one);
        Assert.Equal(1, await replica.ReadAsync(_source));
        await _server.KillAsync();
        await replica.HasLoggedAsync("cannot hear");
        _source.Value = 2; // and nobody can say so

        Assert.Equal(2, await replica.ReadAsync(_source)); // what it had before the outage is not served
        for (var i = 0; i < 10; i++)
            await replica.ReadAsync(_source);
        Assert.Equal(whileAway == CacheWhileAway.KeepBriefly ? 2 : 12, _source.Loads);

        _source.Value = 3;
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(3, await replica.ReadAsync(_source));
    }

    [Fact]
    public async Task A_process_that_starts_while_Redis_is_away_serves_and_finds_Redis_later()
    {
        await _server.KillAsync();
        await using var redis = await RedisFixture.ConnectAsync(_server);
        await using var rig = new CacheRig(Impatient);
        var replica = rig.Start(redis);

        Assert.Equal(1, await replica.ReadAsync(_source));

        await _server.StartAsync(Ct);
        await replica.HasLoggedAsync("begins afresh");
        _source.Value = 2;
        await replica.Cache.RemoveAsync("answer", Ct);
        Assert.Equal(2, await replica.ReadAsync(_source));
        Assert.Equal(2, await rig.Start(_one).ReadAsync(_source));
        Assert.Equal(2, _source.Loads); // its load is there for others again
    }

    [Fact]
    public async Task An_invalidation_while_Redis_is_away_counts_here_at_once_and_elsewhere_when_it_is_back()
    {
        await using var rig = new CacheRig(Impatient);
        var (here, there) = (rig.Start(_one), rig.Start(_other));
        await there.ReadAsync(_source);
        await _server.KillAsync();
        _source.Value = 2;

        Assert.False(await here.Cache.InvalidateAsync(new CacheInvalidation { Keys = ["answer"] }, Ct));

        Assert.Equal(2, await here.ReadAsync(_source));
        await _server.StartAsync(Ct);
        await Eventually.TrueAsync(
            async () =>
            {
                Assert.Equal(2, await here.ReadAsync(_source)); // never the old one again
                return here.Logged("begins afresh") == 2;
            },
            "Redis to be heard again");
        await there.SeesAsync(2, _source);
        Assert.Equal(2, await here.ReadAsync(_source));
    }

    [Fact]
    public async Task A_Redis_that_stands_still_keeps_nobody_waiting_for_long_and_its_invalidations_follow()
    {
        await using var rig = new CacheRig(Impatient);
        var (here, there) = (rig.Start(_one), rig.Start(_other));
        await here.ReadAsync(_source);
        await there.ReadAsync(_source);
        _server.Pause();
        try
        {
            Assert.Equal(1, await there.ReadAsync(_source)); // from memory: nothing has changed
            Assert.Equal(1, await there.ReadAsync(new Source(), "new to the process"));
            _source.Value = 2;
            Assert.False(await here.Cache.InvalidateAsync(new CacheInvalidation { Keys = ["answer"] }, Ct));
            Assert.Equal(2, await here.ReadAsync(_source));
        }
        finally
        {
            _server.Resume();
        }

        await Eventually.TrueAsync(
            async () =>
            {
                Assert.Equal(2, await here.ReadAsync(_source)); // never the old one again
                return here.Logged("begins afresh") == 2;
            },
            "Redis to be heard again");
        await there.SeesAsync(2, _source);
    }

    [Fact]
    public async Task What_a_replica_did_not_hear_while_it_was_cut_off_it_does_not_serve_afterwards()
    {
        await using var proxy = new LossyProxy(_server.Port);
        var connection = ConfigurationOptions.Parse(proxy.ConnectionString);
        connection.ReconnectRetryPolicy = new LinearRetry(50);
        await using var cut = await ConnectionMultiplexer.ConnectAsync(connection);
        await using var rig = new CacheRig(Impatient);
        var (here, there) = (rig.Start(_one), rig.Start(cut));
        Assert.Equal(1, await there.ReadAsync(_source));
        proxy.LoseReplies(); // messages too
        _source.Value = 2;
        await here.Cache.RemoveAsync("answer", Ct);
        Assert.Equal(1, await there.ReadAsync(_source)); // the price of a connection that is dead, and does not say so

        proxy.CutAndHeal();

        await there.HasLoggedAsync("cannot hear");
        Assert.Equal(2, await there.ReadAsync(_source));
        await Eventually.TrueAsync(() => Task.FromResult(there.Logged("begins afresh") == 2), "the second beginning");
        Assert.Equal(2, await there.ReadAsync(_source));
    }

    [Fact]
    public async Task A_message_that_was_lost_without_a_sign_is_found_at_the_next_recheck()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(60));
        await using var rig = new CacheRig(new CacheOptions { Patience = TimeSpan.FromSeconds(60), RecheckInterval = TimeSpan.FromSeconds(15) }, clock);
        var replica = rig.Start(_one);
        Assert.Equal(1, await replica.ReadAsync(_source));
        _source.Value = 2;
        await _one.GetDatabase().StringSetAsync($"{rig.Prefix}cache:{{answer}}:gen", "another-gen-0000"); // and no message
        Assert.Equal(1, await replica.ReadAsync(_source));

        clock.Advance(TimeSpan.FromSeconds(15));

        Assert.Equal(2, await replica.ReadAsync(_source));
    }

    [Fact]
    public async Task An_invalidation_that_Redis_has_forgotten_is_sent_again_after_the_lost_connection()
    {
        await using var rig = new CacheRig(Impatient);
        var (here, there) = (rig.Start(_one), rig.Start(_other));
        await here.ReadAsync(_source);
        RedisKey generation = $"{rig.Prefix}cache:{{answer}}:gen";
        var old = await _one.GetDatabase().StringGetAsync(generation);
        var entry = await Eventually.BecomesAsync(() => _one.GetDatabase().KeyDumpAsync($"{rig.Prefix}cache:{{answer}}"), static dump => dump is not null, "the entry, which is written behind the reader");
        _source.Value = 2;
        await here.Cache.RemoveAsync("answer", Ct);
        await there.SeesAsync(2, _source);

        // What a failover to a replica that lagged looks like: the old generation and the old entry are back, and the connections gone.
        await _one.GetDatabase().StringSetAsync(generation, old);
        await _one.GetDatabase().KeyDeleteAsync($"{rig.Prefix}cache:{{answer}}");
        await _one.GetDatabase().KeyRestoreAsync($"{rig.Prefix}cache:{{answer}}", entry!);
        await DropConnectionsAsync();

        await here.HasLoggedAsync("cannot hear");
        await Eventually.TrueAsync(async () => !(await _one.GetDatabase().StringGetAsync(generation)).ToString().StartsWith(old.ToString(), StringComparison.Ordinal), "the invalidation to be sent again");
        await here.SeesAsync(2, _source);
        await there.SeesAsync(2, _source);
        Assert.Equal(2, await rig.Start(_other).ReadAsync(_source));
    }

    [Fact]
    public async Task Invalidations_that_nobody_can_send_do_not_pile_up()
    {
        await using var rig = new CacheRig(Impatient);
        var logger = new ListLogger<CacheInvalidator>();
        await using var invalidator = new CacheInvalidator(_one, rig.Prefix, logger: logger);
        var replica = rig.Start(_other);
        await replica.ReadAsync(_source);
        await _server.KillAsync();
        for (var i = 0; i < 11_000; i++)
            invalidator.Post(new CacheInvalidation { Keys = [$"key {i}"] });
        await Eventually.TrueAsync(() => Task.FromResult(logger.Lines.Any(static line => line.Text.Contains("everything will be", StringComparison.Ordinal))), "the log to say so");
        _source.Value = 2;

        await _server.StartAsync(Ct);

        await Eventually.TrueAsync(async () => (await _one.GetDatabase().StringGetAsync($"{rig.Prefix}cache-tag:{{*}}:gen")).Length() > 16, "everything to be invalidated");
        await replica.SeesAsync(2, _source);
    }

    [Fact]
    public async Task A_process_that_ends_before_Redis_is_back_says_what_it_owes()
    {
        var logger = new ListLogger<CacheInvalidator>();
        var invalidator = new CacheInvalidator(_one, "shop:", logger: logger);
        await _server.KillAsync();
        invalidator.Post(new CacheInvalidation { Keys = ["a", "b"] });

        await invalidator.DisposeAsync();

        Assert.Contains(logger.Lines, static line => line.Text.StartsWith("2 keys and tags were never invalidated", StringComparison.Ordinal));
    }

    private async Task DropConnectionsAsync()
    {
        await using var killer = await RedisFixture.ConnectAsync(_server);
        await killer.GetServers()[0].ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub");
        await killer.GetServers()[0].ExecuteAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    }
}
