using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Shop.Messaging;
using Shop.Redis.Streams;
using StackExchange.Redis;

namespace Shop.Archiving;

/// <summary>
/// Copies the streams to Kafka, as the consumer group <c>kafka-archive</c> of each. An entry is acknowledged to Redis when Kafka has
/// acknowledged its event, so that a crash anywhere in between only repeats it. Order per key is the lanes': the next event of a key is
/// sent when Kafka has the last, while those of hundreds of other keys are under way and share requests. When Kafka is away the lanes
/// stand still, holding what they hold; nothing more is read, the entries stay pending, and the group keeps the stream from being
/// trimmed. An event that Kafka refuses for good goes to the stream's dead letters. One process at a time archives a stream; the
/// others stand by.
/// </summary>
internal sealed class KafkaArchiver(
    KafkaArchiveOptions options, KafkaConnection connection, KafkaWriter writer, IConnectionMultiplexer redis, IOptions<OutboxOptions> outbox, TimeProvider clock,
    ILogger<KafkaArchiver> logger, ILogger<StreamConsumerGroup> streamLogger) : BackgroundService
{
    /// <summary>The consumer group, on every archived stream.</summary>
    public const string Group = "kafka-archive";

    /// <inheritdoc />
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        writer.Open();
        ArchiveLog.On(logger, string.Join(", ", options.Streams), options.TopicPrefix, connection.Brokers);
        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(options.Streams.Select(stream =>
        new StreamConsumerGroup(redis, outbox.Value.KeyPrefix, GroupOptions(stream), ArchiveAsync, clock, streamLogger).RunAsync(stoppingToken)));

    private StreamConsumerGroupOptions GroupOptions(string stream) => new()
    {
        Stream = stream,
        Group = Group,
        Lanes = options.InFlight,
        Capacity = options.InFlight * 4,
        BatchSize = Math.Min(options.InFlight * 2, 1000),
        // Only Kafka's own refusal makes a dead letter. That the process died meanwhile, however often, is no fault of the event's.
        MaxDeliveries = int.MaxValue,
        GroupGrace = options.GroupGrace,
        DrainTimeout = options.DrainTimeout,
    };

    private async ValueTask ArchiveAsync(StreamDelivery delivery, CancellationToken cancellationToken)
    {
        using var held = ArchiveTelemetry.Hold(delivery.Stream);
        await writer.WriteAsync(delivery.Stream, delivery.Message, repaired: null, cancellationToken).ConfigureAwait(false);
    }
}
