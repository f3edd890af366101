using System.Diagnostics;
using System.Globalization;
using Shop.Redis.Streams;
using Shop.Testing;
using Shop.Tests.Messaging;
using Xunit;
using ErrorCode = Confluent.Kafka.ErrorCode;

namespace Shop.Tests.Archiving;

public sealed class ArchiverTests(Servers servers)
{
    [Fact]
    public async Task An_event_goes_from_its_transaction_to_its_topic_with_everything_that_it_says()
    {
        await using var rig = new ArchiveRig(servers);
        var host = await rig.StartAsync();
        using var request = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
        Guid id;
        await using (var transaction = await host.Outbox.BeginAsync(TestContext.Current.CancellationToken))
        {
            id = transaction.Enqueue("orders", "order 1", new Counted("order 1", 1));
            await transaction.CommitAsync(TestContext.Current.CancellationToken);
        }

        var message = Assert.Single(await rig.ArchivedAsync(1));

        Assert.Equal("order 1", message.Message.Key);
        Assert.Equal("""{"key":"order 1","number":1}"""u8, message.Message.Value);
        Assert.Equal(id.ToString(), ArchiveRig.Header(message, "id"));
        Assert.Equal("Counted", ArchiveRig.Header(message, "type"));
        Assert.Contains(request.TraceId.ToHexString(), ArchiveRig.Header(message, "traceparent"), StringComparison.Ordinal);
        Assert.Null(ArchiveRig.Header(message, "repaired"));
        var time = await host.ScalarAsync<DateTime>("SELECT occurred_at FROM outbox");
        Assert.Equal(time, DateTimeOffset.Parse(ArchiveRig.Header(message, "time")!, CultureInfo.InvariantCulture).UtcDateTime, TimeSpan.FromMicroseconds(1));
        Assert.Equal(new DateTimeOffset(time).ToUnixTimeMilliseconds(), message.Message.Timestamp.UnixTimestampMs);
    }

    [Fact]
    public async Task Events_of_a_key_stand_in_one_partition_in_their_order_while_other_keys_pass()
    {
        const int keys = 60, perKey = 20;
        await using var rig = new ArchiveRig(servers);
        var host = await rig.StartAsync();
        for (var number = 1; number <= perKey; number++)
            await Task.WhenAll(Enumerable.Range(0, keys).Select(key => host.PublishAsync($"key {key}", number)));

        var messages = await rig.ArchivedAsync(keys * perKey);

        Assert.Equal(keys * perKey, messages.Count);
        for (var key = 0; key < keys; key++)
            Assert.Equal(Enumerable.Range(1, perKey), ArchiveRig.Numbers(messages, $"key {key}"));
        Assert.Equal(keys, messages.DistinctBy(static message => (message.Message.Key, message.Partition)).Count());
        Assert.True(messages.DistinctBy(static message => message.Partition).Count() > 1);
    }

    [Fact]
    public async Task A_broker_that_fails_in_the_middle_loses_nothing_and_keeps_the_order_of_each_key()
    {
        const int keys = 20, perKey = 30;
        await using var rig = new ArchiveRig(servers);
        var host = await rig.StartAsync();
        for (var number = 1; number <= perKey; number++)
        {
            await Task.WhenAll(Enumerable.Range(0, keys).Select(key => host.PublishAsync($"key {key}", number)));
            if (number == 10)
            {
                await rig.ArchivedAsync(keys);
                rig.Kafka.StopBroker(1);
            }
            else if (number == 20)
            {
                rig.Kafka.StopBroker(2);
            }
        }

        rig.Kafka.StartAll();
        await rig.SettledAsync(host);

        // At least once: an event whose acknowledgement got lost may stand there twice, and its place is that of the first.
        var messages = await Task.Run(() => rig.Kafka.Read(ArchiveRig.Topic), TestContext.Current.CancellationToken);
        for (var key = 0; key < keys; key++)
            Assert.Equal(Enumerable.Range(1, perKey), ArchiveRig.Numbers(messages, $"key {key}").Distinct());
    }

    [Theory]
    [InlineData(ErrorCode.NotLeaderForPartition)]
    [InlineData(ErrorCode.NotEnoughReplicas)]
    [InlineData(ErrorCode.RequestTimedOut)]
    [InlineData(ErrorCode.TopicAuthorizationFailed)]
    [InlineData(ErrorCode.InvalidProducerEpoch)]
    public async Task An_append_that_Kafka_refuses_for_now_is_tried_again(ErrorCode refusal)
    {
        await using var rig = new ArchiveRig(servers);
        var host = await rig.StartAsync(kafka: rig.OneRequestAtATime);
        await host.PublishAsync("a", 1);
        await rig.SettledAsync(host);
        rig.Kafka.RefuseAppends(refusal, refusal);

        await host.PublishAsync("a", 2, 3);

        Assert.Equal([1, 2, 3], ArchiveRig.Numbers(await rig.ArchivedAsync(3), "a").Distinct());
        await rig.SettledAsync(host);
    }

    [Fact]
    public async Task An_entry_is_acknowledged_to_Redis_only_when_Kafka_has_acknowledged_its_event()
    {
        await using var rig = new ArchiveRig(servers);
        rig.Kafka.CreateTopic(ArchiveRig.Topic, 1);
        var host = await rig.StartAsync(kafka: rig.OneRequestAtATime);
        await host.PublishAsync("a", 1);
        await rig.SettledAsync(host);
        rig.Kafka.RefuseAppends([.. Enumerable.Repeat(ErrorCode.NotEnoughReplicas, 100_000)]);

        await host.PublishAsync("a", 2);

        await Eventually.TrueAsync(async () => (await rig.FactsAsync())!.Pending == 1, "a pending entry");
        var entry = (await host.EntriesAsync())[^1].Id.ToString();
        Assert.False((await rig.Groups.ProgressAsync("orders", ArchiveRig.Group, TestContext.Current.CancellationToken))!.IsDoneWith(entry));
        Assert.Single(rig.Kafka.Read(ArchiveRig.Topic));

        rig.Kafka.TakeAppends();
        await rig.SettledAsync(host);
        Assert.True((await rig.Groups.ProgressAsync("orders", ArchiveRig.Group, TestContext.Current.CancellationToken))!.IsDoneWith(entry));
        Assert.Equal([1, 2], ArchiveRig.Numbers(rig.Kafka.Read(ArchiveRig.Topic), "a"));
    }

    [Fact]
    public async Task An_archiver_that_dies_between_Kafkas_acknowledgement_and_its_own_leaves_the_event_to_the_next()
    {
        await using var rig = new ArchiveRig(servers);
        rig.Kafka.CreateTopic(ArchiveRig.Topic, 1);
        var writer = await rig.StartOffAsync();
        await using var own = await RedisFixture.ConnectAsync(servers.Redis.Server);
        await rig.StartAsync(redis: own);
        await writer.PublishAsync("a", 1);
        await rig.SettledAsync(writer);

        // Appended at once, but the answer takes so long that there is time to die.
        rig.Kafka.DelayAnswers(TimeSpan.FromSeconds(20));
        await writer.PublishAsync("a", 2);
        await Eventually.TrueAsync(async () => (await rig.FactsAsync())!.Pending == 1, "a pending entry");
        await own.DisposeAsync();
        rig.Kafka.DelayAnswers(TimeSpan.Zero);
        await rig.ArchivedAsync(2);

        await rig.StartAsync();

        var messages = await rig.ArchivedAsync(3);
        Assert.Equal([1, 2, 2], ArchiveRig.Numbers(messages, "a"));
        Assert.Equal(ArchiveRig.Header(messages[1], "id"), ArchiveRig.Header(messages[2], "id"));
        await rig.SettledAsync(writer);
    }

    [Fact]
    public async Task While_Kafka_is_away_the_shop_goes_on_the_stream_is_kept_and_then_everything_follows()
    {
        const int events = 400;
        await using var rig = new ArchiveRig(servers);
        var host = await rig.StartAsync(archive => archive.DeliveryTimeout = TimeSpan.FromSeconds(1));
        await host.PublishAsync("before", 1);
        await rig.SettledAsync(host);
        rig.Kafka.StopAll();

        // Another group reads the stream meanwhile, and trims it as far as it may.
        var handled = 0;
        using var stopping = new CancellationTokenSource();
        var consumer = new StreamConsumerGroup(
            servers.Redis.Connection, rig.Prefix,
            new StreamConsumerGroupOptions { Stream = "orders", Group = "payments", KeepEntries = 0, JanitorInterval = TimeSpan.FromMilliseconds(20) },
            (_, _) => { Interlocked.Increment(ref handled); return ValueTask.CompletedTask; });
        var consuming = consumer.RunAsync(stopping.Token);
        for (var number = 1; number <= events / 4; number++)
            await Task.WhenAll(Enumerable.Range(0, 4).Select(key => host.PublishAsync($"key {key}", number)));
        await Eventually.TrueAsync(() => Task.FromResult(Volatile.Read(ref handled) == events + 1), "the other group handled everything");
        await Eventually.TrueAsync(() => Task.FromResult(host.Log.Lines.Any(static line => line is { Id.Id: 4, Category: "Shop.Archiving.KafkaWriter" })), "the one line about Kafka");
        Assert.InRange((await host.EntriesAsync()).Length, events, events + 1);

        rig.Kafka.StartAll();

        var messages = await rig.ArchivedAsync(events + 1);
        for (var key = 0; key < 4; key++)
            Assert.Equal(Enumerable.Range(1, events / 4), ArchiveRig.Numbers(messages, $"key {key}").Distinct());
        await rig.SettledAsync(host);
        await Eventually.TrueAsync(async () => (await host.EntriesAsync()).Length < 200, "a trimmed stream");
        await stopping.CancelAsync();
        await consuming;
        Assert.InRange(host.Log.Lines.Count(static line => line is { Id.Id: 4, Category: "Shop.Archiving.KafkaWriter" }), 1, 5); // brokers come back one by one
        Assert.Contains(host.Log.Lines, static line => line is { Id.Id: 5, Category: "Shop.Archiving.KafkaWriter" });
    }

    [Fact]
    public async Task An_event_that_is_too_large_for_Kafka_is_a_dead_letter_with_the_reason_and_holds_nobody_up()
    {
        await using var rig = new ArchiveRig(servers);
        var host = await rig.StartAsync(kafka: $"{rig.Kafka.Brokers};message.max.bytes=4096");
        await using (var transaction = await host.Outbox.BeginAsync(TestContext.Current.CancellationToken))
        {
            transaction.Enqueue("orders", "a", new Counted("a", 1));
            transaction.Enqueue("orders", "a", new Unrelated(new string('x', 5000)));
            transaction.Enqueue("orders", "a", new Counted("a", 2));
            await transaction.CommitAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal([1, 2], ArchiveRig.Numbers(await rig.ArchivedAsync(2), "a"));
        await rig.SettledAsync(host);
        var dead = Assert.Single(await new StreamDeadLetters(servers.Redis.Connection, rig.Prefix).ListAsync("orders", ct: TestContext.Current.CancellationToken));
        Assert.Equal((ArchiveRig.Group, "Unrelated", 1), (dead.Group, dead.Message!.Type, dead.Deliveries));
        Assert.Contains("Kafka refuses the event for the topic shop.orders", dead.Reason, StringComparison.Ordinal);
        Assert.Contains("MsgSizeTooLarge", dead.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_that_share_a_refused_request_with_a_bad_one_are_no_dead_letters()
    {
        await using var rig = new ArchiveRig(servers);
        rig.Kafka.CreateTopic(ArchiveRig.Topic, 1);
        rig.Kafka.RefuseAppends(ErrorCode.MsgSizeTooLarge);
        var writer = await rig.StartOffAsync();
        await Task.WhenAll(Enumerable.Range(0, 50).Select(key => writer.PublishAsync($"key {key}", 1)));

        await rig.StartAsync(kafka: rig.OneRequestAtATime);

        // The first request, with many events in it, is refused; each of them passes alone.
        Assert.Equal(50, (await rig.ArchivedAsync(50)).Count);
        await rig.SettledAsync(writer);
        Assert.Equal(0, await new StreamDeadLetters(servers.Redis.Connection, rig.Prefix).CountAsync("orders", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_producer_that_cannot_go_on_is_replaced()
    {
        await using var rig = new ArchiveRig(servers);
        rig.Kafka.CreateTopic(ArchiveRig.Topic, 1);
        var host = await rig.StartAsync(kafka: rig.OneRequestAtATime);
        await host.PublishAsync("a", 1);
        await rig.SettledAsync(host);

        // Fatal to an idempotent producer: the broker lost track of its sequence.
        rig.Kafka.RefuseAppends(ErrorCode.OutOfOrderSequenceNumber);
        await host.PublishAsync("a", 2, 3, 4);

        Assert.Equal([1, 2, 3, 4], ArchiveRig.Numbers(await rig.ArchivedAsync(4), "a").Distinct());
        await rig.SettledAsync(host);
        Assert.Contains(host.Log.Lines, static line => line is { Id.Id: 6, Category: "Shop.Archiving.KafkaWriter" });
    }
}
