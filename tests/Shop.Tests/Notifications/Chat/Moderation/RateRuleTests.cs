using Shop.Contracts.Chat;
using Shop.Notifications.Chat;
using Shop.Notifications.Chat.Moderation;
using Shop.Redis.RateLimiting;
using Shop.Testing;
using StackExchange.Redis;
using Xunit;

namespace Shop.Tests.Notifications.Chat.Moderation;

public sealed class RateRuleTests(Servers servers)
{
    private static readonly ChatOptions Slow = new() { Burst = 3, Interval = TimeSpan.FromHours(1) };

    private readonly string _prefix = RedisFixture.NewPrefix();

    [Fact]
    public async Task A_burst_passes_and_the_next_is_told_how_long_to_wait()
    {
        var rule = Create(Slow);
        for (var i = 0; i < 3; i++)
            Assert.Null(await CheckAsync(rule));

        var refusal = await CheckAsync(rule);

        Assert.Equal(ChatRefusalReason.TooFast, refusal!.Reason);
        Assert.InRange(refusal.RetryAfter!.Value, TimeSpan.FromMinutes(50), TimeSpan.FromHours(1));
        Assert.Equal(new ChatLimit("chat", Permits: 3, Window: TimeSpan.FromHours(3), Remaining: 0, NextAfter: refusal.RetryAfter.Value), refusal.Limit);
    }

    [Fact]
    public async Task After_a_burst_the_next_passes_when_its_time_has_come()
    {
        var rule = Create(new ChatOptions { Burst = 1, Interval = TimeSpan.FromMilliseconds(300) });
        await CheckAsync(rule);

        await Eventually.TrueAsync(async () => await CheckAsync(rule) is null, "a further permit");
    }

    [Fact]
    public async Task Authors_and_rooms_do_not_count_against_each_other()
    {
        var rule = Create(Slow);
        for (var i = 0; i < 3; i++)
            await CheckAsync(rule);

        Assert.NotNull(await CheckAsync(rule));
        Assert.Null(await CheckAsync(rule, author: ChatSandbox.Bob));
        Assert.Null(await CheckAsync(rule, room: "parcels"));
    }

    [Fact]
    public async Task The_count_goes_on_when_a_room_moves_to_another_silo()
    {
        var (one, two) = (Create(Slow), Create(Slow));

        var results = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => CheckAsync(i % 2 == 0 ? one : two)));

        Assert.Equal(3, results.Count(static refusal => refusal is null));
    }

    [Fact]
    public async Task While_redis_is_away_the_rooms_silo_counts_alone()
    {
        await using var server = await RedisFixture.StartServerAsync(persistent: false);
        await using var connection = await RedisFixture.ConnectAsync(server);
        var rule = Create(Slow, connection);
        await server.StopAsync();

        var results = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => CheckAsync(rule)));

        Assert.Equal(3, results.Count(static refusal => refusal is null));
    }

    private RateRule Create(ChatOptions options, IConnectionMultiplexer? redis = null) => new(options, new RedisRateLimits(redis ?? servers.Redis.Connection, _prefix));

    private static async Task<ChatRefusal?> CheckAsync(RateRule rule, ChatUser? author = null, string room = ChatSandbox.Lobby) =>
        await rule.CheckAsync(new ChatDraft(room, author ?? ChatSandbox.Ada, "hello"), CancellationToken.None);
}
