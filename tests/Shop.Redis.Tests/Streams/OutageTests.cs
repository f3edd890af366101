using System.Globalization;
using Shop.Redis.Streams;
using Shop.Testing;
using StackExchange.Redis;
using Xunit;

namespace Shop.Redis.Tests.Streams;

public sealed class OutageTests
{
    private const int RedisAway = 3;
    private const int GroupLost = 12;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_wipe_in_the_middle_is_survived_and_said_once()
    {
        await using var server = new OwnRedis();
        await server.InitializeAsync();
        await using var rig = new StreamRig(server);
        rig.Start();
        await rig.AppendAsync("before");
        await rig.HandledAsync(1);

        await rig.Database.ExecuteAsync("FLUSHALL");
        await rig.LoggedAsync(GroupLost);
        await rig.AppendAsync("after");
        await rig.SettledAsync();

        Assert.Equal(["before", "after"], rig.HandledTexts);
    }

    [Fact]
    public async Task A_wipe_under_load_costs_nothing_when_the_stream_is_filled_again()
    {
        await using var server = new OwnRedis();
        await server.InitializeAsync();
        await using var rig = new StreamRig(server);
        rig.Start(static async (delivery, _) =>
        {
            await Task.Yield();
            if (delivery.Attempt == 1 && StreamRig.Text(delivery).EndsWith("77", StringComparison.Ordinal))
                throw new InvalidOperationException("once");
        });
        rig.Start(options: StreamRig.Options("standby"));
        StreamMessage[] messages = [.. StreamRig.Numbers(0, 5000).Select(static n => StreamRig.Message(n, key: n[^1..]))];
        await rig.Producer.AppendAsync(StreamRig.Stream, messages, Ct);
        await rig.HandledAsync(500);

        await rig.Database.ExecuteAsync("FLUSHALL");
        await rig.Producer.AppendAsync(StreamRig.Stream, messages, Ct); // as an outbox does
        await rig.SettledAsync();

        Assert.Equal(messages.Select(static message => message.Id).Order(), rig.Handled.Select(static delivery => delivery.Message.Id).Distinct().Order());
        Assert.Empty(await rig.DeadLetters.ListAsync(StreamRig.Stream, ct: Ct));
    }

    [Fact]
    public async Task After_a_wipe_a_group_that_began_at_the_end_reads_from_the_beginning()
    {
        await using var server = new OwnRedis();
        await server.InitializeAsync();
        await using var rig = new StreamRig(server);
        rig.Start(options: new StreamConsumerGroupOptions { Stream = StreamRig.Stream, Group = StreamRig.Group, StartFrom = "$" });
        await Eventually.TrueAsync(async () => await rig.FactsAsync() is not null, "the consumer has created its group");
        await rig.AppendAsync("before");
        await rig.HandledAsync(1);

        // Wiped and refilled before the consumer looks again: '$' would skip the refill.
        var refill = rig.Database.CreateTransaction();
        var flushed = refill.ExecuteAsync("FLUSHALL");
        for (var i = 0; i < 10; i++)
            _ = refill.StreamAddAsync(rig.Key, StreamEntryCodec.Encode(StreamRig.Message(i.ToString(CultureInfo.InvariantCulture)), null));
        await refill.ExecuteAsync();
        await flushed;
        await rig.HandledAsync(11);

        Assert.Equal(["before", .. StreamRig.Numbers(0, 10)], rig.HandledTexts);
    }

    [Fact]
    public async Task A_redis_that_stops_and_starts_again_loses_no_message_and_fills_no_log()
    {
        await using var server = await RedisFixture.StartServerAsync();
        await using var connection = await RedisFixture.ConnectAsync(server);
        await using var rig = new StreamRig(connection);
        rig.Start(static async (_, _) => await Task.Yield(), new StreamConsumerGroupOptions { Stream = StreamRig.Stream, Group = StreamRig.Group, ClaimAfter = TimeSpan.FromSeconds(1) });
        await rig.Producer.AppendAsync(StreamRig.Stream, [.. StreamRig.Numbers(0, 5000).Select(static n => StreamRig.Message(n, key: n[^1..]))], Ct);
        await rig.HandledAsync(100);

        await server.StopAsync();
        await rig.LoggedAsync(RedisAway);
        await server.StartAsync(Ct);
        await rig.SettledAsync();
        await rig.AppendAsync("after");
        await rig.HandledAsync(5001);
        await rig.SettledAsync();

        Assert.Equal(5001, rig.HandledTexts.Distinct().Count());
        Assert.InRange(rig.Logs.Count(static line => line.Event.Id == RedisAway), 1, 4); // once for each of the reader, the recoverer and the janitor, and no more
    }

    [Fact]
    public async Task A_redis_that_hangs_loses_no_message()
    {
        await using var server = await RedisFixture.StartServerAsync(persistent: false);
        var options = ConfigurationOptions.Parse(server.ConnectionString);
        options.AsyncTimeout = 300;
        options.AbortOnConnectFail = false;
        await using var connection = await ConnectionMultiplexer.ConnectAsync(options);
        await using var rig = new StreamRig(connection);
        rig.Start(static async (_, _) => await Task.Yield(), new StreamConsumerGroupOptions { Stream = StreamRig.Stream, Group = StreamRig.Group, ClaimAfter = TimeSpan.FromSeconds(1), PollInterval = TimeSpan.FromMilliseconds(20) });
        await rig.Producer.AppendAsync(StreamRig.Stream, [.. StreamRig.Numbers(0, 3000).Select(static n => StreamRig.Message(n, key: n[^1..]))], Ct);
        await rig.HandledAsync(100);

        server.Pause();
        await rig.LoggedAsync(RedisAway);
        server.Resume();
        await rig.SettledAsync();
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    await rig.AppendAsync("after");
                    return true;
                }
                catch (Exception exception) when (exception is RedisException or TimeoutException)
                {
                    return false;
                }
            },
            "Redis takes messages again");
        await Eventually.TrueAsync(() => Task.FromResult(rig.HandledTexts.Contains("after")), "the consumer goes on");

        Assert.Equal(3001, rig.HandledTexts.Distinct().Count());
    }

    [Fact]
    public async Task A_consumer_stops_in_time_while_redis_is_away()
    {
        await using var server = await RedisFixture.StartServerAsync();
        await using var connection = await RedisFixture.ConnectAsync(server);
        await using var rig = new StreamRig(connection);
        var consumer = rig.Start();
        await rig.AppendAsync("one");
        await rig.HandledAsync(1);
        await server.StopAsync();
        await rig.LoggedAsync(RedisAway);

        await consumer.StopAsync();
    }
}
