using Shop.Redis.Live;
using Shop.Testing;
using Xunit;

namespace Shop.Redis.Tests.Live;

public abstract class PresenceTests(ITestRedis server)
{
    private static readonly PresenceOptions Patient = new() { TimeToLive = TimeSpan.FromMinutes(5) };
    private readonly string _prefix = RedisFixture.NewPrefix();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Several_connections_of_one_user_count_as_one()
    {
        var presence = new Presence(server.Connection, _prefix, Patient);
        var laptop = await presence.EnterAsync("lobby", "ann with a space", Ct);
        var phone = await presence.EnterAsync("lobby", "ann with a space", Ct);
        await using var bob = await presence.EnterAsync("lobby", "bob", Ct);
        Assert.Equal(["ann with a space", "bob"], await presence.WhoAsync("lobby", Ct));
        await laptop.DisposeAsync();
        await laptop.DisposeAsync();
        Assert.Equal(["ann with a space", "bob"], await presence.WhoAsync("lobby", Ct));
        await phone.DisposeAsync();
        Assert.Equal(["bob"], await presence.WhoAsync("lobby", Ct));
        Assert.Empty(await presence.WhoAsync("garden", Ct));
    }

    [Fact]
    public async Task Watchers_are_told_at_once_who_came_and_went()
    {
        // Without the push they would look again after a hundred seconds.
        var presence = new Presence(server.Connection, _prefix, Patient);
        await using var watch = new PresenceWatcher(presence, "lobby");
        await watch.SeesAsync();
        var ann = await presence.EnterAsync("lobby", "ann", Ct);
        await watch.SeesAsync("ann");
        await using var bob = await presence.EnterAsync("lobby", "bob", Ct);
        await watch.SeesAsync("ann", "bob");
        await ann.DisposeAsync();
        await watch.SeesAsync("bob");
    }

    [Fact]
    public async Task The_users_of_a_process_that_died_vanish()
    {
        var options = new PresenceOptions { TimeToLive = TimeSpan.FromSeconds(1) };
        var dying = await server.ConnectAsync();
        var presence = new Presence(server.Connection, _prefix, options);
        await using var staying = await presence.EnterAsync("lobby", "ann", Ct);
        await using var watch = new PresenceWatcher(presence, "lobby");
        await using var dead = await new Presence(dying, _prefix, options).EnterAsync("lobby", "bob", Ct);
        await watch.SeesAsync("ann", "bob");
        await dying.DisposeAsync();
        await watch.SeesAsync("ann");
        Assert.Equal(["ann"], await presence.WhoAsync("lobby", Ct));
    }

    [Fact]
    public async Task A_wiped_room_fills_again_by_itself()
    {
        var presence = new Presence(server.Connection, _prefix, new PresenceOptions { TimeToLive = TimeSpan.FromSeconds(1) });
        await using var ann = await presence.EnterAsync("lobby", "ann", Ct);
        await server.Database.KeyDeleteAsync($"{_prefix}presence:{{lobby}}");
        await Eventually.TrueAsync(async () => await presence.WhoAsync("lobby", Ct) is ["ann"], "ann in the room again");
    }

    [Fact]
    public async Task An_empty_room_leaves_no_key()
    {
        var presence = new Presence(server.Connection, _prefix, Patient);
        var ann = await presence.EnterAsync("lobby", "ann", Ct);
        Assert.True(await server.Database.KeyTimeToLiveAsync($"{_prefix}presence:{{lobby}}") > TimeSpan.Zero);
        await ann.DisposeAsync();
        Assert.False(await server.Database.KeyExistsAsync($"{_prefix}presence:{{lobby}}"));
    }

    [Fact]
    public async Task Who_is_shown_is_there_until_hidden()
    {
        var presence = new Presence(server.Connection, _prefix, Patient);
        await using var watch = new PresenceWatcher(presence, "lobby");
        await watch.SeesAsync();
        await presence.ShowAsync("lobby", "ann with a space", Ct);
        await presence.ShowAsync("lobby", "ann with a space", Ct);
        await watch.SeesAsync("ann with a space");
        await presence.HideAsync("lobby", "ann with a space", Ct);
        await presence.HideAsync("lobby", "ann with a space", Ct);
        await watch.SeesAsync();
        Assert.False(await server.Database.KeyExistsAsync($"{_prefix}presence:{{lobby}}"));
    }

    [Fact]
    public async Task Who_is_shown_and_never_hidden_vanishes_by_itself()
    {
        var presence = new Presence(server.Connection, _prefix, new PresenceOptions { TimeToLive = TimeSpan.FromSeconds(1) });
        await using var watch = new PresenceWatcher(presence, "lobby");
        await presence.ShowAsync("lobby", "ann", Ct);
        await watch.SeesAsync("ann");
        await watch.SeesAsync();
    }

    [Fact]
    public async Task Who_enters_without_waiting_is_there_at_once_and_leaves_like_anybody()
    {
        var presence = new Presence(server.Connection, _prefix, Patient);
        await using var watch = new PresenceWatcher(presence, "lobby");
        await using (presence.Enter("lobby", "ann"))
            await watch.SeesAsync("ann");
        await watch.SeesAsync();
    }

    [Fact]
    public async Task Watchers_that_come_and_go_leave_the_others_watching()
    {
        var presence = new Presence(server.Connection, _prefix, Patient);
        await using var ann = await presence.EnterAsync("lobby", "ann", Ct);
        var first = new PresenceWatcher(presence, "lobby");
        await first.SeesAsync("ann");
        await using (var second = new PresenceWatcher(presence, "lobby"))
        {
            await second.SeesAsync("ann");
            await first.DisposeAsync();
            await using var bob = await presence.EnterAsync("lobby", "bob", Ct);
            await second.SeesAsync("ann", "bob");
        }

        await using var third = new PresenceWatcher(presence, "lobby");
        await third.SeesAsync("ann");
        await using var cid = await presence.EnterAsync("lobby", "cid", Ct);
        await third.SeesAsync("ann", "cid");
    }
}

public sealed class PresenceOnOneServer(OwnRedis server) : PresenceTests(server), IClassFixture<OwnRedis>;

public sealed class PresenceOnACluster(ClusterRedis server) : PresenceTests(server);
