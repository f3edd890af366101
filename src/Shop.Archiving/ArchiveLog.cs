using Microsoft.Extensions.Logging;

namespace Shop.Archiving;

/// <summary>What the archive tells somebody on call.</summary>
internal static partial class ArchiveLog
{
    [LoggerMessage(1, LogLevel.Information, "The Kafka archive is on: the streams {Streams} go to topics {TopicPrefix}* at {Brokers}")]
    public static partial void On(ILogger logger, string streams, string topicPrefix, string brokers);

    [LoggerMessage(2, LogLevel.Information, "The Kafka archive is off: there is no connection string 'kafka'")]
    public static partial void Off(ILogger logger);

    [LoggerMessage(3, LogLevel.Information, "Removed the group {Group} from the stream {Stream}: the Kafka archive is off, and the stream is no longer kept for it")]
    public static partial void GroupRemoved(ILogger logger, string stream, string group);

    [LoggerMessage(4, LogLevel.Warning, "Kafka does not take events for {Topic} ({Error}); they stay in their streams until it does")]
    public static partial void KafkaAway(ILogger logger, string topic, string error);

    [LoggerMessage(5, LogLevel.Information, "Kafka takes events again")]
    public static partial void KafkaBack(ILogger logger);

    [LoggerMessage(6, LogLevel.Warning, "The Kafka producer cannot go on ({Error}); another takes its place")]
    public static partial void ProducerReplaced(ILogger logger, string error);

    [LoggerMessage(7, LogLevel.Debug, "librdkafka, {Facility}: {Line}")]
    public static partial void ClientSays(ILogger logger, string facility, string line);

    [LoggerMessage(8, LogLevel.Warning, "The archive of {Stream} could not be audited; trying again every {Interval}, silently until it works")]
    public static partial void AuditFailed(ILogger logger, string stream, TimeSpan interval, Exception exception);

    [LoggerMessage(9, LogLevel.Information, "The audit of {Stream} begins with {From}: the oldest event that the outbox still has")]
    public static partial void AuditBegins(ILogger logger, string stream, DateTimeOffset from);

    [LoggerMessage(10, LogLevel.Error, "Nobody audited the archive of {Stream} from {From} to {To}, and the outbox may have forgotten events of that time: what is missing of them in Kafka cannot be told")]
    public static partial void NotAudited(ILogger logger, string stream, DateTimeOffset from, DateTimeOffset to);

    [LoggerMessage(11, LogLevel.Warning, "{Missing} of {Events} events that {Stream} had from {From} to {To} are missing in Kafka; archiving them from the outbox")]
    public static partial void Missing(ILogger logger, string stream, DateTimeOffset from, DateTimeOffset to, long events, long missing);

    [LoggerMessage(14, LogLevel.Information, "{Repaired} of the {Missing} missing events that {Stream} had from {From} to {To} are in Kafka now")]
    public static partial void Repaired(ILogger logger, string stream, DateTimeOffset from, DateTimeOffset to, long missing, long repaired);

    [LoggerMessage(12, LogLevel.Error, "The event {EventId} of {Stream} is missing in Kafka and cannot be archived: {Reason}")]
    public static partial void CannotBeRepaired(ILogger logger, string stream, Guid eventId, string reason);

    [LoggerMessage(13, LogLevel.Error, "Kafka has {Unknown} events of {Stream} from {From} to {To} that the outbox does not have: the database lost them, or somebody else writes to the topic")]
    public static partial void Unknown(ILogger logger, string stream, DateTimeOffset from, DateTimeOffset to, long unknown);
}
