using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Shop.Archiving;
using Shop.Archiving.Auditing;
using Shop.Testing;
using Shop.Tests.Messaging;
using Xunit;

namespace Shop.Tests.Archiving;

public sealed class ArchiveExample(Servers servers)
{
    [Fact]
    public async Task Archive_a_stream_read_it_years_later_and_prove_that_nothing_is_missing()
    {
        using var kafka = new KafkaFixture();
        kafka.CreateTopic("shop.orders", partitions: 4);
        var ct = TestContext.Current.CancellationToken;
        var connectionString = await MessagingHost.CreateDatabaseAsync(servers);
        await using var host = await MessagingHost.StartAsync(
            servers, services => services.AddKafkaArchive(kafka.Brokers, archive => archive.Streams.Add("orders")), connectionString: connectionString);
        await host.PublishAsync("order 1", 1, 2);
        var audit = host.Services.GetRequiredService<ArchiveAudit>();
        var now = TimeProvider.System.GetUtcNow();
        var archived = new List<string>();

        // begin: README
        var reader = new ConsumerConfig { BootstrapServers = kafka.Brokers, GroupId = "reports", AutoOffsetReset = AutoOffsetReset.Earliest };
        using var consumer = new ConsumerBuilder<string, byte[]>(reader).Build();
        consumer.Subscribe("shop.orders");
        var seen = new HashSet<string>(); // at least once: the id tells a repeat
        while (archived.Count < 2)
        {
            var message = consumer.Consume(ct).Message;
            var id = Encoding.UTF8.GetString(message.Headers.GetLastBytes("id"));
            if (seen.Add(id))
                archived.Add($"{message.Key} {Encoding.UTF8.GetString(message.Value)}");
        }

        var windows = await audit.RunAsync("orders", now.AddHours(-1), now.AddMinutes(1), ct);
        // end: README

        Assert.Equal(["""order 1 {"key":"order 1","number":1}""", """order 1 {"key":"order 1","number":2}"""], archived);
        Assert.Equal((2, 0), (windows.Sum(static window => window.Events), windows.Sum(static window => window.Missing)));
    }
}
