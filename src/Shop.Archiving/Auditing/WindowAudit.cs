using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Shop.Messaging;
using Shop.Redis.Streams;
using StackExchange.Redis;

namespace Shop.Archiving.Auditing;

/// <summary>
/// Compares one window of the outbox with Kafka. Equal checksums are the end of it. Otherwise the events themselves are compared, and
/// of those that Kafka lacks, the ones that the archiver is not done with are under way: in the outbox still, in the stream unread, or
/// pending while Kafka is slow. How far the archiver had come is asked before Kafka is read, so that what it was done with must be
/// there. The rest is missing: trimmed, deleted or lost on the way, or dropped by Kafka. That is archived again, and looked up again.
/// </summary>
internal sealed class WindowAudit(
    OutboxEvents outbox, KafkaWriter writer, KafkaArchiveOptions options, IConnectionMultiplexer redis, IOptions<OutboxOptions> outboxOptions, TimeProvider clock,
    ILogger<ArchiveAudit> logger)
{
    private const int RepairBatch = 500;

    private readonly StreamGroups _groups = new(redis, outboxOptions.Value.KeyPrefix);

    /// <summary>Audits and repairs one window.</summary>
    public async Task<AuditedWindow> RunAsync(TopicReader topic, string stream, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var expected = await outbox.SumAsync(stream, from, to, cancellationToken).ConfigureAwait(false);
        if (expected.Events == 0)
            return new AuditedWindow(stream, from, to, 0, 0, 0, 0, 0, 0, clock.GetUtcNow());

        var first = await CompareAsync(topic, stream, from, to, expected, cancellationToken).ConfigureAwait(false);
        var last = first;
        if (first.Missing is not [])
        {
            ArchiveTelemetry.Missing.Add(first.Missing.Count, ArchiveTelemetry.Tag(stream));
            ArchiveLog.Missing(logger, stream, from, to, expected.Events, first.Missing.Count);
            await RepairAsync(stream, first.Missing, cancellationToken).ConfigureAwait(false);
            last = await CompareAsync(topic, stream, from, to, expected, cancellationToken).ConfigureAwait(false);
        }

        var repaired = first.Missing.Count - first.Missing.Intersect(last.Missing).Count();
        var result = new AuditedWindow(stream, from, to, expected.Events, expected.Hash, first.Missing.Count, repaired, last.Unknown, last.UnderWay, clock.GetUtcNow());
        Report(result);
        return result;
    }

    private async Task<(List<long> Missing, long UnderWay, long Unknown)> CompareAsync(
        TopicReader topic, string stream, DateTimeOffset from, DateTimeOffset to, Checksum expected, CancellationToken cancellationToken)
    {
        var progress = await _groups.ProgressAsync(stream, KafkaArchiver.Group, cancellationToken).ConfigureAwait(false);
        var archived = await topic.ReadAsync(options.TopicOf(stream), from, to, expected, cancellationToken).ConfigureAwait(false);
        if (archived.Checksum == expected)
            return ([], 0, 0);

        var events = await outbox.ReadAsync(stream, from, to, cancellationToken).ConfigureAwait(false);
        var lacking = events.FindAll(one => !archived.Has(one.Hash));
        var missing = lacking.FindAll(one => one.EntryId is not null && progress?.IsDoneWith(one.EntryId) == true);
        return (
            missing.ConvertAll(static one => one.Position),
            lacking.Count - missing.Count,
            archived.Checksum.Events - (events.Count - lacking.Count));
    }

    /// <summary>In the order of the outbox, many at a time: the idempotent producer keeps the order of a partition, and so of a key.</summary>
    private async Task RepairAsync(string stream, List<long> positions, CancellationToken cancellationToken)
    {
        foreach (var batch in positions.Chunk(RepairBatch))
        {
            var messages = await outbox.ReadMessagesAsync(batch, cancellationToken).ConfigureAwait(false);
            await Task.WhenAll(messages.Select(message => RepairAsync(stream, message, cancellationToken))).ConfigureAwait(false);
        }
    }

    private async Task RepairAsync(string stream, StreamMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await writer.WriteAsync(stream, message, repaired: clock.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        }
        catch (DeadLetterException exception)
        {
            ArchiveLog.CannotBeRepaired(logger, stream, message.Id, exception.Message);
        }
    }

    private void Report(AuditedWindow window)
    {
        var tag = ArchiveTelemetry.Tag(window.Stream);
        ArchiveTelemetry.Repaired.Add(window.Repaired, tag);
        if (window.Missing > 0)
            ArchiveLog.Repaired(logger, window.Stream, window.From, window.To, window.Missing, window.Repaired);
        if (window.UnderWay > 0)
            return;
        ArchiveTelemetry.Audited.Add(window.Events, tag);
        ArchiveTelemetry.Unknown.Add(window.Unknown, tag);
        if (window.Unknown > 0)
            ArchiveLog.Unknown(logger, window.Stream, window.From, window.To, window.Unknown);
    }
}
