using Shop.Messaging;
using Shop.Testing;
using Shop.Tests.Messaging;
using Xunit;

namespace Shop.Tests.Archiving;

public sealed class AuditTests(Servers servers)
{
    [Fact]
    public async Task When_all_is_there_an_audit_counts_it_and_finds_nothing_missing()
    {
        await using var rig = new ArchiveRig(servers);
        var host = await rig.StartAsync();
        await PublishAsync(host, 1, 200);
        await rig.SettledAsync(host);

        var windows = await ArchiveRig.AuditAsync(host);

        Assert.Equal(200, windows.Sum(static window => window.Events));
        Assert.All(windows, static window => Assert.Equal((0, 0, 0, 0), (window.Missing, window.Repaired, window.Unknown, window.UnderWay)));
        Assert.Equal(200, rig.Kafka.Read(ArchiveRig.Topic).Count);
    }

    [Fact]
    public async Task Events_dropped_on_the_way_are_found_and_archived_from_the_outbox_and_only_those()
    {
        await using var rig = new ArchiveRig(servers);
        var writer = await rig.StartOffAsync();
        await PublishAsync(writer, 1, 100);
        var entries = await writer.EntriesAsync(atLeast: 100);

        // Some are deleted from the stream before the archiver comes; and of the rest it is told to begin after the first third.
        await servers.Redis.Database.StreamDeleteAsync(rig.Key, [entries[50].Id, entries[70].Id]);
        await servers.Redis.Database.StreamCreateConsumerGroupAsync(rig.Key, ArchiveRig.Group, entries[32].Id);
        var host = await rig.StartAsync();
        await rig.ArchivedAsync(65);
        await Eventually.TrueAsync(async () => (await rig.Groups.ProgressAsync("orders", ArchiveRig.Group))!.IsDoneWith(entries[99].Id.ToString()), "an archiver that is done");

        var windows = await ArchiveRig.AuditAsync(host);

        Assert.Equal((100, 35, 35, 0), (windows.Sum(static w => w.Events), windows.Sum(static w => w.Missing), windows.Sum(static w => w.Repaired), windows.Sum(static w => w.Unknown)));
        var messages = rig.Kafka.Read(ArchiveRig.Topic);
        Assert.Equal(100, messages.Count);
        Assert.Equal(100, messages.DistinctBy(static message => ArchiveRig.Header(message, "id")).Count());
        Assert.Equal(35, messages.Count(static message => ArchiveRig.Header(message, "repaired") is not null));
        Assert.Contains(host.Log.Lines, static line => line.Message.Contains("are missing in Kafka", StringComparison.Ordinal));

        Assert.Equal(0, (await ArchiveRig.AuditAsync(host)).Sum(static window => window.Missing));
        Assert.Equal(100, rig.Kafka.Read(ArchiveRig.Topic).Count);
    }

    [Fact]
    public async Task What_Kafka_itself_lost_is_found_too()
    {
        await using var rig = new ArchiveRig(servers);
        rig.Kafka.CreateTopic(ArchiveRig.Topic, 1);
        var host = await rig.StartAsync();
        await PublishAsync(host, 1, 40);
        await rig.SettledAsync(host);
        rig.Kafka.DeleteRecords(ArchiveRig.Topic, 0, 10);

        var windows = await ArchiveRig.AuditAsync(host);

        Assert.Equal((10, 10), (windows.Sum(static window => window.Missing), windows.Sum(static window => window.Repaired)));
    }

    [Fact]
    public async Task An_event_that_is_archived_twice_is_neither_missing_nor_one_too_many()
    {
        await using var rig = new ArchiveRig(servers);
        var host = await rig.StartAsync();
        await PublishAsync(host, 1, 30);
        await rig.SettledAsync(host);

        // The group begins anew: everything is archived again.
        await servers.Redis.Database.ExecuteAsync("XGROUP", "SETID", rig.Key, ArchiveRig.Group, "0-0");
        await rig.ArchivedAsync(60);
        await rig.SettledAsync(host);

        var windows = await ArchiveRig.AuditAsync(host);
        Assert.Equal((30, 0, 0), (windows.Sum(static w => w.Events), windows.Sum(static w => w.Missing), windows.Sum(static w => w.Unknown)));
        Assert.Equal(60, rig.Kafka.Read(ArchiveRig.Topic).Count);
    }

    [Fact]
    public async Task What_is_still_on_its_way_is_not_called_missing()
    {
        await using var rig = new ArchiveRig(servers);
        var host = await rig.StartAsync(kafka: rig.OneRequestAtATime);
        await PublishAsync(host, 1, 10);
        await rig.SettledAsync(host);
        rig.Kafka.RefuseAppends([.. Enumerable.Repeat(Confluent.Kafka.ErrorCode.NotEnoughReplicas, 100_000)]);

        // Pending in the stream; and not even there.
        await PublishAsync(host, 11, 10);
        await MessagingHost.PublishAsync(new Outbox(host.Database, new OutboxOptions().Events(TestEventsJson.Default)), "swept in half a minute", 1);
        await Eventually.TrueAsync(async () => (await rig.FactsAsync())!.Pending == 10, "pending entries");

        var windows = await ArchiveRig.AuditAsync(host);

        Assert.Equal((21, 0, 11), (windows.Sum(static w => w.Events), windows.Sum(static w => w.Missing), windows.Sum(static w => w.UnderWay)));
    }

    [Fact]
    public async Task An_event_with_other_content_under_the_same_id_does_not_pass()
    {
        await using var rig = new ArchiveRig(servers);
        var host = await rig.StartAsync();
        await PublishAsync(host, 1, 3);
        await rig.SettledAsync(host);
        await using (var change = host.Database.CreateCommand("UPDATE outbox SET data = replace(data, '2', '22') WHERE data LIKE '%:2}'"))
            Assert.Equal(1, await change.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));

        var windows = await ArchiveRig.AuditAsync(host);

        Assert.Equal((1, 1, 1), (windows.Sum(static w => w.Missing), windows.Sum(static w => w.Repaired), windows.Sum(static w => w.Unknown)));
    }

    [Fact]
    public async Task An_event_that_only_Kafka_has_is_reported()
    {
        await using var rig = new ArchiveRig(servers);
        var host = await rig.StartAsync();
        await PublishAsync(host, 1, 5);
        await rig.SettledAsync(host);
        await using (var lose = host.Database.CreateCommand("DELETE FROM outbox WHERE position = (SELECT min(position) FROM outbox)"))
            await lose.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var windows = await ArchiveRig.AuditAsync(host);

        Assert.Equal((4, 0, 1), (windows.Sum(static w => w.Events), windows.Sum(static w => w.Missing), windows.Sum(static w => w.Unknown)));
        Assert.Contains(host.Log.Lines, static line => line.Message.StartsWith("Kafka has 1 events of orders", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_event_that_Kafka_refuses_is_reported_as_not_repaired_and_named()
    {
        await using var rig = new ArchiveRig(servers);
        var host = await rig.StartAsync(kafka: $"{rig.Kafka.Brokers};message.max.bytes=4096");
        Guid id;
        await using (var transaction = await host.Outbox.BeginAsync(TestContext.Current.CancellationToken))
        {
            id = transaction.Enqueue("orders", "a", new Unrelated(new string('x', 5000)));
            transaction.Enqueue("orders", "a", new Counted("a", 2));
            await transaction.CommitAsync(TestContext.Current.CancellationToken);
        }

        await rig.SettledAsync(host);

        var window = Assert.Single(await ArchiveRig.AuditAsync(host));

        Assert.Equal((2, 1, 0), (window.Events, window.Missing, window.Repaired));
        Assert.Contains(host.Log.Lines, line => line.Message.Contains($"The event {id} of orders is missing in Kafka and cannot be archived", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Kafka_that_is_away_fails_the_audit_and_repairs_nothing()
    {
        await using var rig = new ArchiveRig(servers);
        var host = await rig.StartAsync();
        await PublishAsync(host, 1, 3);
        await rig.SettledAsync(host);
        rig.Kafka.StopAll();

        await Assert.ThrowsAsync<Confluent.Kafka.KafkaException>(() => ArchiveRig.AuditAsync(host));

        rig.Kafka.StartAll();
        Assert.Equal((3, 0), ((await ArchiveRig.AuditAsync(host)).Sum(static w => w.Events), (await ArchiveRig.AuditAsync(host)).Sum(static w => w.Missing)));
    }

    private static async Task PublishAsync(MessagingHost host, int first, int count)
    {
        for (var number = first; number < first + count; number++)
            await host.PublishAsync($"key {number % 7}", number);
    }
}
