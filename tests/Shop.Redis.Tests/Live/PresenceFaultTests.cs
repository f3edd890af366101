using Shop.EmbeddedHosting.Servers;
using Shop.Redis.Live;
using Shop.Testing;
using StackExchange.Redis;
using Xunit;

namespace Shop.Redis.Tests.Live;

/// <summary>Presence on a server of its own, which is wiped, stopped and paused.</summary>
public sealed class PresenceFaultTests : IAsyncLifetime
{
    private static readonly PresenceOptions Brief = new() { TimeToLive = TimeSpan.FromSeconds(1) };

    private RedisServer _server = null!;
    private ConnectionMultiplexer _connection = null!;
    private Presence _presence = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisFixture.StartServerAsync(persistent: false);
        var options = ConfigurationOptions.Parse(_server.ConnectionString);
        options.AllowAdmin = true;
        options.AbortOnConnectFail = false;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.ReconnectRetryPolicy = new LinearRetry(50);
        _connection = await ConnectionMultiplexer.ConnectAsync(options);
        _presence = new Presence(_connection, RedisFixture.NewPrefix(), Brief);
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_wipe_empties_a_room_until_its_members_renew()
    {
        await using var ann = await _presence.EnterAsync("lobby", "ann", Ct);
        await using var watch = new PresenceWatcher(_presence, "lobby");
        await watch.SeesAsync("ann");
        await _connection.GetServers()[0].FlushAllDatabasesAsync();
        await using var bob = await _presence.EnterAsync("lobby", "bob", Ct);
        await watch.SeesAsync("ann", "bob");
    }

    [Fact]
    public async Task Who_enters_without_waiting_while_Redis_is_away_is_there_when_it_is_back()
    {
        await using var watch = new PresenceWatcher(_presence, "lobby");
        await watch.SeesAsync();
        await _server.StopAsync();
        await using var ann = _presence.Enter("lobby", "ann");
        await Assert.ThrowsAnyAsync<RedisException>(() => _presence.EnterAsync("lobby", "bob", Ct));
        await Assert.ThrowsAnyAsync<RedisException>(() => _presence.ShowAsync("lobby", "bob", Ct));
        await Assert.ThrowsAnyAsync<RedisException>(() => _presence.WhoAsync("lobby", Ct));

        await _server.StartAsync(Ct);

        await watch.SeesAsync("ann");
    }

    [Fact]
    public async Task While_Redis_is_paused_watchers_wait_and_afterwards_see_who_is_there()
    {
        await using var watch = new PresenceWatcher(_presence, "lobby");
        await watch.SeesAsync();
        _server.Pause();
        await using var ann = _presence.Enter("lobby", "ann");
        await using var second = new PresenceWatcher(_presence, "lobby");
        _server.Resume();
        await watch.SeesAsync("ann");
        await second.SeesAsync("ann");
    }
}
