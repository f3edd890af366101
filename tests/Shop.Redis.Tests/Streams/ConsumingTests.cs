using System.Globalization;
using Shop.Redis.Streams;
using Shop.Testing;
using StackExchange.Redis;
using Xunit;

namespace Shop.Redis.Tests.Streams;

public abstract class ConsumingTests(ITestRedis server)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_messages_of_one_call_stand_in_their_order_and_answer_their_ids()
    {
        await using var rig = new StreamRig(server);

        var ids = await rig.AppendAsync(StreamRig.Numbers(0, 500));

        var entries = await rig.Database.StreamRangeAsync(rig.Key);
        Assert.Equal(ids, entries.Select(static entry => entry.Id.ToString()));
        Assert.Equal(StreamRig.Numbers(0, 500), entries.Select(static entry => entry["data"].ToString()));
    }

    [Fact]
    public async Task An_entry_is_readable_by_a_person()
    {
        await using var rig = new StreamRig(server);
        var message = new StreamMessage(
            Guid.Parse("01902f3e-0000-7000-8000-000000000001"), "OrderPlaced", "order-7", new DateTimeOffset(2026, 2, 3, 4, 5, 6, TimeSpan.Zero),
            "{\"total\":12}"u8.ToArray(), "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

        await rig.Producer.AppendAsync(StreamRig.Stream, message, Ct);

        var entry = Assert.Single(await rig.Database.StreamRangeAsync(rig.Key));
        Assert.Equal(
            [
                "id: 01902f3e-0000-7000-8000-000000000001", "type: OrderPlaced", "key: order-7", "time: 2026-02-03T04:05:06.0000000+00:00",
                "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "data: {\"total\":12}",
            ],
            entry.Values.Select(static field => $"{field.Name}: {field.Value}"));
    }

    [Fact]
    public async Task A_message_arrives_as_it_was_appended()
    {
        await using var rig = new StreamRig(server);
        var message = StreamRig.Message("{}", key: "ключ") with { TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };

        rig.Start();
        var id = await rig.Producer.AppendAsync(StreamRig.Stream, message, Ct);
        await rig.HandledAsync(1);

        var delivery = Assert.Single(rig.Handled);
        Assert.Equal((StreamRig.Stream, StreamRig.Group, id, 1), (delivery.Stream, delivery.Group, delivery.EntryId, delivery.Attempt));
        Assert.Equal(message with { Data = default }, delivery.Message with { Data = default });
        Assert.Equal(message.Data.ToArray(), delivery.Message.Data.ToArray());
    }

    [Fact]
    public async Task Every_group_gets_every_message_once()
    {
        await using var rig = new StreamRig(server);
        rig.Start(options: StreamRig.Options("one", "a"));
        rig.Start(options: StreamRig.Options("one", "b"));

        await rig.AppendAsync(StreamRig.Numbers(0, 300));
        await rig.SettledAsync("a");
        await rig.SettledAsync("b");

        Assert.Equal(StreamRig.Numbers(0, 300), rig.Handled.Where(static delivery => delivery.Group == "a").Select(StreamRig.Text));
        Assert.Equal(StreamRig.Numbers(0, 300), rig.Handled.Where(static delivery => delivery.Group == "b").Select(StreamRig.Text));
    }

    [Fact]
    public async Task A_sleeping_consumer_is_woken_by_an_append()
    {
        await using var rig = new StreamRig(server);
        rig.Start(options: new StreamConsumerGroupOptions { Stream = StreamRig.Stream, Group = StreamRig.Group, PollInterval = TimeSpan.FromHours(1) });
        await Eventually.TrueAsync(async () => await rig.FactsAsync() is not null, "the consumer has created its group");

        for (var i = 0; i < 20; i++)
        {
            await rig.AppendAsync(i.ToString(CultureInfo.InvariantCulture));
            await rig.HandledAsync(i + 1);
        }
    }

    [Fact]
    public async Task A_lost_wake_up_costs_a_poll_interval()
    {
        await using var rig = new StreamRig(server);
        rig.Start();
        await Eventually.TrueAsync(async () => await rig.FactsAsync() is not null, "the consumer has created its group");

        await rig.Database.StreamAddAsync(rig.Key, StreamEntryCodec.Encode(StreamRig.Message("unannounced"), traceParent: null));

        await rig.HandledAsync(1);
    }

    [Fact]
    public async Task Never_more_is_held_than_there_are_places()
    {
        await using var rig = new StreamRig(server);
        var gate = new TaskCompletionSource();
        await rig.Producer.AppendAsync(StreamRig.Stream, [.. StreamRig.Numbers(0, 500).Select(static n => StreamRig.Message(n, key: n))], Ct);
        var options = new StreamConsumerGroupOptions { Stream = StreamRig.Stream, Group = StreamRig.Group, Lanes = 4, Capacity = 20, BatchSize = 64 };

        rig.Start(async (_, _) => await gate.Task, options);

        await Eventually.BecomesAsync(() => rig.FactsAsync(), static facts => facts is { Pending: 20 }, "the places are full");
        gate.SetResult();
        await rig.SettledAsync();
        Assert.Equal(500, rig.HandledTexts.Distinct().Count());
    }

    [Fact]
    public async Task Keys_run_in_parallel_and_one_key_runs_alone()
    {
        await using var rig = new StreamRig(server);
        var running = new HashSet<string>();
        var most = 0;
        var both = new TaskCompletionSource();
        rig.Start(async (delivery, _) =>
        {
            lock (running)
            {
                Assert.True(running.Add(delivery.Message.Key), "two messages of one key ran at once");
                most = Math.Max(most, running.Count);
                if (running.Count == 2)
                    both.TrySetResult();
            }

            await both.Task;
            lock (running)
                running.Remove(delivery.Message.Key);
        });

        await rig.Producer.AppendAsync(StreamRig.Stream, [.. StreamRig.Numbers(0, 20).Select(static n => StreamRig.Message(n, key: n is "0" or "2" ? "even" : "odd"))], Ct);
        await rig.SettledAsync();

        Assert.Equal(2, most);
        Assert.Equal(20, rig.Handled.Count);
    }

    [Fact]
    public async Task A_new_group_replays_from_any_time()
    {
        await using var rig = new StreamRig(server);
        for (var i = 1; i <= 3; i++)
            await rig.Database.StreamAddAsync(rig.Key, StreamEntryCodec.Encode(StreamRig.Message($"at {i}000"), null), messageId: $"{i}000-0");

        rig.Start(options: new StreamConsumerGroupOptions
        {
            Stream = StreamRig.Stream,
            Group = "replay",
            StartFrom = StreamConsumerGroupOptions.From(DateTimeOffset.FromUnixTimeMilliseconds(2000)),
        });

        await rig.SettledAsync("replay");
        Assert.Equal(["at 2000", "at 3000"], rig.HandledTexts);
    }

    [Fact]
    public async Task A_new_group_may_skip_the_past()
    {
        await using var rig = new StreamRig(server);
        await rig.AppendAsync("old");
        rig.Start(options: new StreamConsumerGroupOptions { Stream = StreamRig.Stream, Group = StreamRig.Group, StartFrom = "$" });
        await Eventually.TrueAsync(async () => await rig.FactsAsync() is not null, "the consumer has created its group");

        await rig.AppendAsync("new");
        await rig.HandledAsync(1);

        Assert.Equal(["new"], rig.HandledTexts);
    }

    [Fact]
    public async Task An_operator_sees_length_lag_pending_age_and_consumers()
    {
        await using var rig = new StreamRig(server);
        Assert.Empty((await rig.Inspector.InspectAsync(StreamRig.Stream, Ct)).Groups);
        await rig.AppendAsync("a", "b", "c");
        await rig.Database.StreamCreateConsumerGroupAsync(rig.Key, StreamRig.Group, "0-0");
        await rig.Database.StreamReadGroupAsync(rig.Key, StreamRig.Group, "someone", ">", 2);

        var facts = await Eventually.BecomesAsync(() => rig.FactsAsync(), static facts => facts!.OldestPendingAge > TimeSpan.Zero, "a pending entry that ages");

        Assert.Equal((3, 1, 2), (facts!.Length, facts.Lag, facts.Pending));
        var consumer = Assert.Single(facts.Consumers);
        Assert.Equal(("someone", 2), (consumer.Consumer, consumer.Pending));
        Assert.InRange(consumer.Idle, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        Assert.InRange(facts.OldestPendingAge, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1));
    }

    [Theory]
    [InlineData("Capacity is 3 and Lanes is 4")]
    public void Contradicting_options_are_refused_and_both_values_named(string expected)
    {
        var options = new StreamConsumerGroupOptions { Stream = "s", Group = "g", Lanes = 4, Capacity = 3 };

        var exception = Assert.Throws<ArgumentException>(() => new StreamConsumerGroup(server.Connection, "p:", options, static (_, _) => default));

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }
}

public sealed class ConsumingOnOneServer(OwnRedis server) : ConsumingTests(server), IClassFixture<OwnRedis>;

public sealed class ConsumingOnACluster(ClusterRedis server) : ConsumingTests(server);
