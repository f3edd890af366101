using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Shop.Archiving.Auditing;

/// <summary>
/// Reads Kafka's side of an audit: joins no group, commits nothing, and looks at every partition. An event stands at the first message
/// with a timestamp of its window's beginning or behind it, wherever a late archiver or a repair has put it; so reading begins there,
/// found by the broker's time index, and ends where the topic ended when it was asked. It ends early when the window's checksum is the
/// expected one and every partition has got to what happened after the window: what is complete costs little more than its own events.
/// </summary>
internal sealed class TopicReader : IDisposable
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    /// <summary>A topic may be set to note the broker's time instead of the event's, and that clock may be behind ours.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    private readonly IConsumer<string, byte[]> _consumer;
    private readonly IAdminClient _admin;
    private readonly TimeProvider _clock;

    public TopicReader(KafkaConnection connection, TimeProvider clock, ILogger logger)
    {
        _clock = clock;
        _consumer = new ConsumerBuilder<string, byte[]>(connection.Consumer())
            .SetLogHandler((_, line) => ArchiveLog.ClientSays(logger, line.Facility, line.Message))
            .SetErrorHandler(static (_, _) => { }) // what matters comes back from a call
            .Build();
        _admin = new DependentAdminClientBuilder(_consumer.Handle).Build();
    }

    /// <summary>The events of a window, until they are as expected or the topic ends.</summary>
    /// <exception cref="KafkaException">Kafka is away, or refuses.</exception>
    /// <exception cref="TimeoutException">Kafka stopped answering.</exception>
    public Task<ArchivedEvents> ReadAsync(string topic, DateTimeOffset from, DateTimeOffset to, Checksum expected, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(() => Read(topic, from, to, expected, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public void Dispose()
    {
        _admin.Dispose();
        _consumer.Dispose();
    }

    private ArchivedEvents Read(string topic, DateTimeOffset from, DateTimeOffset to, Checksum expected, CancellationToken cancellationToken)
    {
        var archived = new ArchivedEvents(from, to);
        var passed = new HashSet<TopicPartition>();
        var (starts, ends) = Span(topic, from - ClockSkew);
        _consumer.Assign(starts);
        try
        {
            var heard = _clock.GetTimestamp();
            while (ends.Count > 0 && (archived.Checksum != expected || ends.Keys.Any(partition => !passed.Contains(partition))))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (_consumer.Consume(Poll) is not { } read)
                {
                    if (_clock.GetElapsedTime(heard) > Patience)
                        throw new TimeoutException($"Kafka sent nothing of {topic} for {Patience}; {ends.Count} partitions are not at their end.");
                    continue;
                }

                heard = _clock.GetTimestamp();
                if (!read.IsPartitionEOF && ArchivedEvent.TryRead(read.Message, out var one))
                {
                    archived.Add(one);
                    if (one.Time >= to + ClockSkew)
                        passed.Add(read.TopicPartition);
                }

                var next = read.IsPartitionEOF ? read.Offset.Value : read.Offset.Value + 1;
                if (ends.TryGetValue(read.TopicPartition, out var end) && next >= end)
                {
                    ends.Remove(read.TopicPartition);
                    _consumer.IncrementalUnassign([read.TopicPartition]);
                }
            }
        }
        finally
        {
            _consumer.Unassign();
        }

        return archived;
    }

    /// <summary>From where to where each partition must be read; those where there is nothing to read are left out.</summary>
    private (List<TopicPartitionOffset> Starts, Dictionary<TopicPartition, long> Ends) Span(string topic, DateTimeOffset from)
    {
        var metadata = _admin.GetMetadata(topic, AnswerWithin).Topics.Single();
        if (metadata.Error.Code == ErrorCode.UnknownTopicOrPart)
            return ([], []); // nothing was archived yet
        if (metadata.Error.IsError)
            throw new KafkaException(metadata.Error);

        var partitions = metadata.Partitions.Select(partition => new TopicPartition(topic, partition.PartitionId)).ToList();
        var marks = partitions.ToDictionary(static partition => partition, partition => _consumer.QueryWatermarkOffsets(partition, AnswerWithin));
        var filled = partitions.FindAll(partition => marks[partition].Low < marks[partition].High);
        if (filled.Count == 0)
            return ([], []);

        var starts = Seek(filled, from);
        if (starts.Exists(static start => start.Offset == Offset.End) && Seek(filled, DateTimeOffset.UnixEpoch).Exists(static start => start.Offset == Offset.End))
        {
            // "The end" means that nothing is as young. But when a partition with messages has none from 1970 on either, the broker
            // keeps no time index (librdkafka's mock cluster does not), and the answer means nothing.
            starts = filled.ConvertAll(partition => new TopicPartitionOffset(partition, marks[partition].Low));
        }

        starts.RemoveAll(start => start.Offset == Offset.End || start.Offset >= marks[start.TopicPartition].High);
        return (starts, starts.ToDictionary(static start => start.TopicPartition, start => marks[start.TopicPartition].High.Value));
    }

    private List<TopicPartitionOffset> Seek(List<TopicPartition> partitions, DateTimeOffset from) =>
        _consumer.OffsetsForTimes(partitions.Select(partition => new TopicPartitionTimestamp(partition, new Timestamp(from))), AnswerWithin);
}
