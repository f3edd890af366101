using Microsoft.Extensions.DependencyInjection;
using Shop.Archiving;
using Shop.Archiving.Auditing;
using Shop.Redis.Streams;
using Shop.Testing;
using Shop.Tests.Messaging;
using Xunit;

namespace Shop.Tests.Archiving;

public sealed class SwitchTests(Servers servers)
{
    [Theory]
    [InlineData(null)]
    [InlineData(" ")]
    public async Task Without_a_connection_string_it_is_off_and_says_so_in_one_line(string? connectionString)
    {
        await using var host = await MessagingHost.StartAsync(servers, services => services.AddKafkaArchive(connectionString, static archive => archive.Streams.Add("orders")));
        await host.PublishAsync("a", 1);
        await host.EntriesAsync(atLeast: 1);

        await Eventually.TrueAsync(() => Task.FromResult(Lines(host).Length > 0), "a line");
        Assert.Equal(["The Kafka archive is off: there is no connection string 'kafka' "], Lines(host));
        Assert.Empty((await new StreamInspector(host.Redis, host.Prefix).InspectAsync("orders", TestContext.Current.CancellationToken)).Groups);
        Assert.Null(host.Services.GetService<ArchiveAudit>());
    }

    [Fact]
    public async Task With_one_it_is_on_and_says_where_to_but_no_secrets()
    {
        await using var rig = new ArchiveRig(servers);
        var host = await rig.StartAsync(kafka: $"{rig.Kafka.Brokers};sasl.password=hush");

        Assert.Equal([$"The Kafka archive is on: the streams orders go to topics shop.* at {rig.Kafka.Brokers} "], Lines(host));
        Assert.DoesNotContain(host.Log.Lines, static line => line.Message.Contains("hush", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Switched_off_the_archive_keeps_no_stream_from_being_trimmed()
    {
        await using var rig = new ArchiveRig(servers);
        await using (var on = await rig.StartAsync())
        {
            await on.PublishAsync("a", 1);
            await rig.SettledAsync(on);
        }

        // What its consumer said of itself was a while ago.
        await servers.Redis.Database.HashSetAsync($"{rig.Key}:groups", ArchiveRig.Group, 1);
        var off = await rig.StartOffAsync();

        await Eventually.TrueAsync(async () => await rig.Groups.ProgressAsync("orders", ArchiveRig.Group) is null, "the group is gone");
        await Eventually.TrueAsync(() => Task.FromResult(Lines(off).Any(static line => line.StartsWith("Removed the group kafka-archive from the stream orders", StringComparison.Ordinal))), "a line");
        Assert.False(await servers.Redis.Database.HashExistsAsync($"{rig.Key}:groups", ArchiveRig.Group));
    }

    [Fact]
    public async Task A_process_that_lost_its_connection_string_takes_nothing_from_one_that_archives()
    {
        await using var rig = new ArchiveRig(servers);
        var on = await rig.StartAsync();
        await on.PublishAsync("a", 1);
        await rig.SettledAsync(on);
        await Eventually.TrueAsync(() => servers.Redis.Database.HashExistsAsync($"{rig.Key}:groups", ArchiveRig.Group), "a sign of life");

        var off = await rig.StartOffAsync();
        await Eventually.TrueAsync(() => Task.FromResult(Lines(off).Length > 0), "a line");

        Assert.Equal(GroupRemoval.Alive, await rig.Groups.RemoveAsync("orders", ArchiveRig.Group, TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
        await on.PublishAsync("a", 2);
        Assert.Equal([1, 2], ArchiveRig.Numbers(await rig.ArchivedAsync(2), "a"));
    }

    [Fact]
    public void Options_that_are_wrong_are_named_with_their_values()
    {
        Assert.Contains("Streams is empty", Wrong(static _ => { }), StringComparison.Ordinal);
        Assert.Contains("InFlight is 0", Wrong(static archive => archive.InFlight = 0, "orders"), StringComparison.Ordinal);
        Assert.Contains("The topic 'shop.no way' of the stream 'no way'", Wrong(static _ => { }, "no way"), StringComparison.Ordinal);
        Assert.Contains("AuditWindow is 00:00:00.5000000", Wrong(static archive => archive.AuditWindow = TimeSpan.FromSeconds(0.5), "orders"), StringComparison.Ordinal);
        Assert.Contains("HoldGrace is 00:00:15; it must be longer than AuditInterval, 00:00:15", Wrong(static archive => archive.HoldGrace = archive.AuditInterval, "orders"), StringComparison.Ordinal);

        static string Wrong(Action<KafkaArchiveOptions> configure, params string[] streams) => Assert.Throws<ArgumentException>(() => new ServiceCollection().AddKafkaArchive("localhost:1", archive =>
        {
            foreach (var stream in streams)
                archive.Streams.Add(stream);
            configure(archive);
        })).Message;
    }

    [Theory]
    [InlineData("security.protocol=SSL", "must begin with the brokers")]
    [InlineData("localhost:9092;sasl.password", "not of the form name=value")]
    [InlineData("localhost:9092;acks=1", "must not set acks")]
    [InlineData("localhost:9092;enable.idempotence=false", "must not set enable.idempotence")]
    public void A_connection_string_that_is_wrong_is_refused_with_the_reason(string connectionString, string reason) =>
        Assert.Contains(reason, Assert.Throws<ArgumentException>(() => new KafkaConnection(connectionString)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_connection_string_carries_settings_of_the_client()
    {
        var connection = new KafkaConnection("one:1,two:2; security.protocol=SASL_SSL;sasl.password=a=b;linger.ms=50");
        var producer = connection.Producer(new KafkaArchiveOptions(), alone: false);

        Assert.Equal("one:1,two:2", connection.Brokers);
        Assert.Equal("one:1,two:2", producer.BootstrapServers);
        Assert.Equal("a=b", producer.SaslPassword);
        Assert.Equal(50, producer.LingerMs);
        Assert.True(producer.EnableIdempotence);
        Assert.Equal(Confluent.Kafka.Acks.All, producer.Acks);
        Assert.False(connection.Consumer().EnableAutoCommit);
    }

    private static string[] Lines(MessagingHost host) =>
        [.. host.Log.Lines.Where(static line => line.Category.StartsWith("Shop.Archiving", StringComparison.Ordinal)).Select(static line => line.Message)];
}
