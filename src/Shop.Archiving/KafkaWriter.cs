using System.Diagnostics;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Shop.Redis.Streams;

namespace Shop.Archiving;

/// <summary>
/// Writes events to Kafka, and returns when Kafka has acknowledged them. A failure is either the event's own (too large, refused by
/// the broker), and then the last word; or Kafka's (away, no leader, too few replicas in sync, no permission, no topic), which passes
/// when somebody mends it: until then the writer waits and tries again, with growing pauses and one line in the log. Brokers refuse a
/// whole batch for one event in it; so an event that seems to be at fault gets a second try alone, in a request of its own. A fatal
/// error of the idempotent producer is the end of that producer, not ours: the next one goes on.
/// </summary>
internal sealed class KafkaWriter(KafkaConnection connection, KafkaArchiveOptions options, TimeProvider clock, ILogger<KafkaWriter> logger) : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private KafkaProducer? _together;
    private KafkaProducer? _alone;
    private bool _disposed;
    private int _away;

    /// <summary>Creates the producer, so that a wrong setting fails the start. Sends nothing yet.</summary>
    public void Open() => Current(alone: false);

    /// <summary>Writes an event, however long Kafka is away.</summary>
    /// <param name="stream">The stream, whose topic it goes to.</param>
    /// <param name="message">The event.</param>
    /// <param name="repaired">When the audit found it missing; null for the archiver.</param>
    /// <param name="cancellationToken">Gives up; the event may have been written all the same.</param>
    /// <exception cref="DeadLetterException">Kafka refuses this event.</exception>
    public async Task WriteAsync(string stream, StreamMessage message, DateTimeOffset? repaired, CancellationToken cancellationToken)
    {
        var topic = options.TopicOf(stream);
        using var activity = ArchiveTelemetry.StartSend(topic, message);
        var alone = false;
        for (var failures = 0; ;)
        {
            var producer = Current(alone);
            try
            {
                // A new message each time: the client writes into it.
                if (await producer.ProduceAsync(topic, ArchivedEvent.ToKafka(message, repaired), cancellationToken).ConfigureAwait(false) is not { } written)
                    continue;
                Worked();
                ArchiveTelemetry.Sent(activity, stream, written);
                return;
            }
            catch (KafkaException exception) when (IsAtFault(exception.Error.Code))
            {
                if (alone)
                {
                    activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
                    throw new DeadLetterException($"Kafka refuses the event for the topic {topic}: {exception.Error.Reason} ({exception.Error.Code}, {message.Data.Length} bytes of data).", exception);
                }

                alone = true;
            }
            catch (KafkaException exception)
            {
                if (producer.Fatal is { } reason)
                    Replace(producer, reason);
                Failed(topic, exception.Error);
                await Task.Delay(PauseAfter(++failures), clock, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _together?.Retire();
            _alone?.Retire();
            (_together, _alone) = (null, null);
        }
    }

    private static bool IsAtFault(ErrorCode code) =>
        code is ErrorCode.MsgSizeTooLarge or ErrorCode.RecordListTooLarge or ErrorCode.InvalidMsgSize or ErrorCode.InvalidTimestamp or ErrorCode.InvalidRecord;

    private static TimeSpan PauseAfter(int failures)
    {
        var doubled = FirstPause * Math.Pow(2, Math.Min(failures - 1, 10));
        return (doubled < LongestPause ? doubled : LongestPause) * (0.8 + (0.4 * Random.Shared.NextDouble()));
    }

    private KafkaProducer Current(bool alone)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            ref var producer = ref alone ? ref _alone : ref _together;
            return producer ??= new KafkaProducer(connection.Producer(options, alone), logger);
        }
    }

    private void Replace(KafkaProducer failed, string reason)
    {
        lock (_gate)
        {
            ref var producer = ref failed == _alone ? ref _alone : ref _together;
            if (producer != failed)
                return; // somebody else has
            producer.Retire();
            producer = null;
        }

        ArchiveLog.ProducerReplaced(logger, reason);
    }

    private void Failed(string topic, Error error)
    {
        if (Interlocked.Exchange(ref _away, 1) == 0)
            ArchiveLog.KafkaAway(logger, topic, $"{error.Code}: {error.Reason}");
    }

    private void Worked()
    {
        if (Volatile.Read(ref _away) == 1 && Interlocked.Exchange(ref _away, 0) == 1)
            ArchiveLog.KafkaBack(logger);
    }
}
