using Microsoft.Extensions.Caching.Hybrid;
using Shop.Redis.Caching;
using Shop.Testing;
using Xunit;

namespace Shop.Redis.Tests.Caching;

/// <summary>Three replicas with one cache.</summary>
public abstract class CacheTests(ITestRedis server) : IAsyncLifetime
{
    private readonly CacheRig _rig = new();
    private readonly Source _source = new();
    private CacheReplica _here = null!;
    private CacheReplica _there = null!;
    private CacheReplica _elsewhere = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _here = _rig.Start(server.Connection);
        _there = await _rig.StartAsync(server);
        _elsewhere = await _rig.StartAsync(server);
    }

    public async ValueTask DisposeAsync()
    {
        await _rig.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task What_one_replica_has_loaded_all_of_them_serve()
    {
        for (var round = 0; round < 3; round++)
            Assert.All(await ReadAllAsync(), static read => Assert.Equal(1, read));

        Assert.Equal(1, _source.Loads);
    }

    [Fact]
    public async Task A_thousand_concurrent_misses_on_three_replicas_load_once()
    {
        _source.AfterRead = new Gate();
        var reads = Enumerable.Range(0, 1000).Select(i => _rig.All[i % 3].ReadAsync(_source)).ToArray();
        await _source.AfterRead.Reached;
        _source.AfterRead.Open();

        Assert.All(await Task.WhenAll(reads), static read => Assert.Equal(1, read));
        Assert.Equal(1, _source.Loads);
    }

    [Fact]
    public async Task An_invalidation_is_seen_by_every_replica()
    {
        await ReadAllAsync();
        for (var value = 2; value <= 10; value++)
        {
            _source.Value = value;
            await _rig.All[value % 3].Cache.RemoveAsync("answer", Ct);

            Assert.Equal(value, await _rig.All[value % 3].ReadAsync(_source)); // who asked for it, at once
            foreach (var replica in _rig.All)
                await replica.SeesAsync(value, _source);
        }

        Assert.Equal(10, _source.Loads);
    }

    [Fact]
    public async Task A_slow_load_cannot_bring_back_what_was_invalidated_meanwhile()
    {
        var gate = _source.AfterRead = new Gate();
        var slow = _here.ReadAsync(_source); // has read 1
        await gate.Reached;
        _source.AfterRead = null;
        _source.Value = 2;
        await _there.Cache.RemoveAsync("answer", Ct);
        // Until it has heard of the invalidation, a read shares the slow load: such a one is not waited for.
        await Eventually.TrueAsync(async () => await Task.WhenAny(_here.ReadAsync(_source), Task.Delay(TimeSpan.FromMilliseconds(100), Ct)) is Task<int> { Result: 2 }, "the invalidation to be heard");

        gate.Open();
        Assert.Equal(1, await slow); // its request came before the invalidation

        await AllSeeAsync(2);
    }

    [Fact]
    public async Task A_slow_load_cannot_bring_back_what_was_invalidated_before_a_wipe()
    {
        var gate = _source.AfterRead = new Gate();
        var slow = _here.ReadAsync(_source);
        await gate.Reached;
        _source.AfterRead = null;
        _source.Value = 2;
        await _here.Cache.RemoveAsync("answer", Ct);
        foreach (var key in await RedisText.KeysAsync(server.Connection, _rig.Prefix))
            await server.Database.KeyDeleteAsync(key); // as FLUSHALL

        gate.Open();
        Assert.Equal(1, await slow);

        await AllSeeAsync(2);
    }

    [Fact]
    public async Task A_slow_load_does_not_keep_those_waiting_who_come_after_the_invalidation()
    {
        var gate = _source.AfterRead = new Gate();
        var slow = _here.ReadAsync(_source);
        await gate.Reached;
        _source.AfterRead = null;
        _source.Value = 2;

        await _here.Cache.RemoveAsync("answer", Ct);

        Assert.Equal(2, await _here.ReadAsync(_source));
        Assert.False(slow.IsCompleted);
        gate.Open();
        await slow;
    }

    [Fact]
    public async Task One_invalidation_of_a_tag_drops_every_entry_that_has_it_and_no_other()
    {
        var (pages, other) = (new Source(), new Source());
        for (var page = 1; page <= 5; page++)
        {
            foreach (var replica in _rig.All)
                await replica.ReadAsync(pages, $"page {page}", "products", "lists");
        }

        await _there.ReadAsync(other, "other", "customers");
        (pages.Value, other.Value) = (2, 2);

        await _here.Cache.RemoveByTagAsync("products", Ct);

        for (var page = 1; page <= 5; page++)
        {
            foreach (var replica in _rig.All)
                await replica.SeesAsync(2, pages, $"page {page}", "lists", "products"); // in any order
        }

        Assert.Equal(10, pages.Loads);
        Assert.Equal(1, await _there.ReadAsync(other, "other", "customers"));
    }

    [Fact]
    public async Task Many_keys_and_tags_are_invalidated_in_one_call()
    {
        for (var i = 0; i < 20; i++)
            await _there.ReadAsync(_source, $"key {i}", $"tag {i}");
        _source.Value = 2;

        Assert.True(await _here.Cache.InvalidateAsync(
            new CacheInvalidation { Keys = [.. Enumerable.Range(0, 10).Select(static i => $"key {i}")], Tags = [.. Enumerable.Range(10, 5).Select(static i => $"tag {i}")] }, Ct));

        for (var i = 0; i < 15; i++)
            await _there.SeesAsync(2, _source, $"key {i}", $"tag {i}");
        for (var i = 15; i < 20; i++)
            Assert.Equal(1, await _there.ReadAsync(_source, $"key {i}", $"tag {i}"));
    }

    [Fact]
    public async Task The_tag_star_is_on_everything()
    {
        await ReadAllAsync();
        _source.Value = 2;

        await _there.Cache.RemoveByTagAsync("*", Ct);

        await AllSeeAsync(2);
    }

    [Fact]
    public async Task A_value_that_is_set_replaces_the_old_one_on_every_replica()
    {
        await ReadAllAsync();

        await _here.Cache.SetAsync("answer", 42, cancellationToken: Ct);

        Assert.Equal(42, await _here.ReadAsync(_source));
        await AllSeeAsync(42);
        Assert.Equal(1, _source.Loads);
    }

    [Fact]
    public async Task A_service_without_a_cache_invalidates_those_of_others()
    {
        await ReadAllAsync();
        await using var invalidator = new CacheInvalidator(server.Connection, _rig.Prefix);
        _source.Value = 2;

        invalidator.Post(new CacheInvalidation { Keys = ["answer"] });

        await AllSeeAsync(2);
    }

    [Fact]
    public async Task A_change_that_is_announced_twice_invalidates_once()
    {
        var change = new CacheInvalidation { Keys = ["answer"], Change = "order 1" };
        await _here.Cache.InvalidateAsync(change, Ct);
        await ReadAllAsync();

        await _there.Cache.InvalidateAsync(change, Ct);

        // Whatever the second did is heard before this one.
        await _there.Cache.RemoveAsync("other", Ct);
        foreach (var replica in _rig.All)
            await replica.ReadAsync(_source);
        Assert.Equal(1, _source.Loads);
    }

    [Fact]
    public async Task An_old_change_that_is_announced_again_brings_no_old_value_back()
    {
        await _here.Cache.InvalidateAsync(new CacheInvalidation { Keys = ["answer"], Change = "order 1" }, Ct);
        Assert.All(await ReadAllAsync(), static read => Assert.Equal(1, read));
        _source.Value = 2;
        await _here.Cache.InvalidateAsync(new CacheInvalidation { Keys = ["answer"], Change = "order 2" }, Ct);
        await AllSeeAsync(2);

        await _there.Cache.InvalidateAsync(new CacheInvalidation { Keys = ["answer"], Change = "order 1" }, Ct);

        for (var round = 0; round < 10; round++)
            Assert.All(await ReadAllAsync(), static read => Assert.Equal(2, read));
        await AllSeeAsync(2);
    }

    [Fact]
    public async Task A_load_that_fails_is_told_to_all_who_share_it_and_the_next_may_try()
    {
        _source.AfterRead = new Gate();
        _source.Failure = new InvalidOperationException("no");
        var sharing = Enumerable.Range(0, 10).Select(_ => _here.ReadAsync(_source)).ToArray();
        await _source.AfterRead.Reached;
        var elsewhere = _there.ReadAsync(_source); // waits for it, by a lease of a minute
        await Eventually.TrueAsync(async () => (await RedisText.DumpAsync(server.Connection, _rig.Prefix)).Contains("waited", StringComparison.Ordinal), "the other replica to wait");

        var gate = _source.AfterRead;
        _source.AfterRead = null;
        gate.Open();
        foreach (var read in sharing)
            Assert.Equal("no", (await Assert.ThrowsAsync<InvalidOperationException>(() => read)).Message);

        await Assert.ThrowsAsync<InvalidOperationException>(() => elsewhere); // its own load failed too
        Assert.Equal(2, _source.Loads);
        _source.Failure = null;
        Assert.All(await ReadAllAsync(), static read => Assert.Equal(1, read));
        Assert.Equal(3, _source.Loads);
    }

    [Fact]
    public async Task A_loader_that_died_keeps_the_others_waiting_for_no_longer_than_its_lease()
    {
        var short1 = new CacheOptions { Patience = TimeSpan.FromSeconds(60), LoadLease = TimeSpan.FromMilliseconds(300) };
        await using var second = await server.ConnectAsync();
        var dying = _rig.Start(server.Connection, short1);
        var living = _rig.Start(second, short1);
        var gate = _source.AfterRead = new Gate();
        var dead = dying.ReadAsync(_source);
        await gate.Reached;
        _source.AfterRead = null;

        Assert.Equal(1, await living.ReadAsync(_source));

        Assert.Equal(2, _source.Loads);
        gate.Open();
        await dead;
    }

    [Fact]
    public async Task Redis_holds_one_value_per_key_however_often_it_is_invalidated_and_every_key_expires()
    {
        for (var value = 1; value <= 20; value++)
        {
            _source.Value = value;
            await _here.Cache.InvalidateAsync(new CacheInvalidation { Keys = ["answer"], Tags = ["tag"] }, Ct);
            Assert.Equal(value, await _here.ReadAsync(_source, "answer", "tag"));
        }

        await Eventually.TrueAsync(async () => (await RedisText.KeysAsync(server.Connection, _rig.Prefix)).Count == 4, "the value, and the generations of the key, the tag and everything");
        foreach (var key in await RedisText.KeysAsync(server.Connection, _rig.Prefix))
            Assert.NotNull(await server.Database.KeyTimeToLiveAsync(key));
    }

    [Fact]
    public async Task A_value_that_does_not_exist_is_remembered_too()
    {
        var loads = 0;
        ValueTask<Thing?> FindNothing(CancellationToken ct)
        {
            loads++;
            return new ValueTask<Thing?>((Thing?)null);
        }

        foreach (var replica in _rig.All)
            Assert.Null(await replica.Cache.GetOrCreateAsync<Thing?>("nothing", FindNothing, cancellationToken: Ct));

        Assert.Equal(1, loads);
    }

    [Fact]
    public async Task An_entry_for_the_process_only_hears_of_invalidations_too()
    {
        var local = new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.DisableDistributedCache };
        async Task<int> ReadAsync(CacheReplica replica) => await replica.Cache.GetOrCreateAsync("local", _source.LoadAsync, local, cancellationToken: Ct);
        await ReadAsync(_here);
        await ReadAsync(_there);
        Assert.Equal(2, _source.Loads);
        _source.Value = 2;

        await _here.Cache.RemoveAsync("local", Ct);

        await Eventually.TrueAsync(async () => await ReadAsync(_there) == 2, "the invalidation");
    }

    [Theory]
    [InlineData("")]
    [InlineData("a{b}c")]
    [InlineData("line\nbreak")]
    public async Task A_key_that_cannot_be_one_is_refused(string key)
    {
        await Assert.ThrowsAsync<ArgumentException>(async () => await _here.Cache.GetOrCreateAsync(key, _source.LoadAsync, cancellationToken: Ct));
        await Assert.ThrowsAsync<ArgumentException>(async () => await _here.Cache.RemoveAsync(key, Ct));
        await Assert.ThrowsAsync<ArgumentException>(async () => await _here.Cache.RemoveByTagAsync(key, Ct));
    }

    private sealed record Thing(string Name);

    private async Task<int[]> ReadAllAsync() => [await _here.ReadAsync(_source), await _there.ReadAsync(_source), await _elsewhere.ReadAsync(_source)];

    /// <summary>All replicas come to see the value and stay with it, and so does one that starts now and has it from Redis.</summary>
    private async Task AllSeeAsync(int value)
    {
        foreach (var replica in _rig.All)
            await replica.SeesAsync(value, _source);
        var fresh = await _rig.StartAsync(server);
        for (var round = 0; round < 3; round++)
        {
            Assert.All(await ReadAllAsync(), read => Assert.Equal(value, read));
            Assert.Equal(value, await fresh.ReadAsync(_source));
        }
    }
}

public sealed class CacheOnRedis(OwnRedis server) : CacheTests(server), IClassFixture<OwnRedis>;

public sealed class CacheOnCluster(ClusterRedis server) : CacheTests(server);
