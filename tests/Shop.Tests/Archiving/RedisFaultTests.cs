using Shop.EmbeddedHosting.Servers;
using Shop.Testing;
using Shop.Tests.Messaging;
using StackExchange.Redis;
using Xunit;

namespace Shop.Tests.Archiving;

/// <summary>Redis is wiped, paused or gone under the archiver: Kafka gets every event nevertheless.</summary>
public sealed class RedisFaultTests(Servers servers) : IAsyncLifetime
{
    private const int Keys = 10, PerKey = 30;

    private RedisServer _server = null!;
    private ConnectionMultiplexer _redis = null!;
    private ArchiveRig _rig = null!;
    private MessagingHost _host = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisFixture.StartServerAsync();
        _redis = await RedisFixture.ConnectAsync(_server);
        _rig = new ArchiveRig(servers);
        _host = await _rig.StartAsync(redis: _redis, outbox: static outbox => outbox.SweepAfter = TimeSpan.FromSeconds(1));
    }

    public async ValueTask DisposeAsync()
    {
        await _rig.DisposeAsync();
        await _redis.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_wiped_redis_costs_Kafka_repeats_and_no_event()
    {
        await PublishAsync(1, 10);
        await _rig.ArchivedAsync(Keys * 10);

        await Task.WhenAll(PublishAsync(11, PerKey), _redis.GetServers()[0].FlushAllDatabasesAsync());

        await EveryEventAsync();
        Assert.Contains(_host.Log.Lines, static line => line.Message.StartsWith("Redis was wiped", StringComparison.Ordinal));
    }

    [Fact]
    public async Task While_redis_is_paused_transactions_commit_and_Kafka_gets_them_afterwards()
    {
        await PublishAsync(1, 10);

        _server.Pause();
        await PublishAsync(11, PerKey);
        var meanwhile = await _host.ScalarAsync<long>("SELECT count(*) FROM outbox");
        _server.Resume();

        Assert.Equal(Keys * PerKey, meanwhile);
        await EveryEventAsync();
    }

    [Fact]
    public async Task While_redis_is_away_transactions_commit_and_Kafka_gets_them_afterwards()
    {
        await PublishAsync(1, 10);

        await _server.KillAsync();
        await PublishAsync(11, PerKey);
        await _server.StartAsync(Ct);

        await EveryEventAsync();
    }

    private async Task PublishAsync(int from, int to)
    {
        for (var number = from; number <= to; number++)
            await Task.WhenAll(Enumerable.Range(0, Keys).Select(key => _host.PublishAsync($"key {key}", number)));
    }

    /// <summary>Each event is there; of its repeats the first one counts, and stands in its key's order.</summary>
    private async Task EveryEventAsync()
    {
        await Eventually.TrueAsync(
            async () => await _rig.ArchivedAsync(0) is var messages && Enumerable.Range(0, Keys).All(key => ArchiveRig.Numbers(messages, $"key {key}").Distinct().Count() == PerKey),
            "every event in Kafka", TimeSpan.FromSeconds(90));
        var all = await _rig.ArchivedAsync(Keys * PerKey);
        for (var key = 0; key < Keys; key++)
            Assert.Equal(Enumerable.Range(1, PerKey), ArchiveRig.Numbers(all, $"key {key}").Distinct());
    }
}
