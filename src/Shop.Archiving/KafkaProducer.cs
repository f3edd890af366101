using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Shop.Archiving;

/// <summary>
/// A producer that ends when it has been retired and nobody waits for an answer of it any more: one that is disposed earlier
/// never answers what is on its way.
/// </summary>
internal sealed class KafkaProducer
{
    private readonly IProducer<string, ReadOnlyMemory<byte>> _producer;
    private int _users = 1; // retiring gives up this one
    private string? _fatal;

    public KafkaProducer(ProducerConfig config, ILogger logger) =>
        _producer = new ProducerBuilder<string, ReadOnlyMemory<byte>>(config)
            .SetValueSerializer(Bytes.Instance)
            .SetLogHandler((_, line) => ArchiveLog.ClientSays(logger, line.Facility, line.Message))
            .SetErrorHandler(OnError)
            .Build();

    /// <summary>Why it cannot go on, or null. The answers do not tell: whatever is sent from now on fails, with an error like any other.</summary>
    public string? Fatal => Volatile.Read(ref _fatal);

    /// <summary>Sends, and waits for all in-sync replicas to have it. Null when the producer has ended: take the next.</summary>
    public async Task<DeliveryResult<string, ReadOnlyMemory<byte>>?> ProduceAsync(string topic, Message<string, ReadOnlyMemory<byte>> message, CancellationToken cancellationToken)
    {
        if (!TryEnter())
            return null;
        try
        {
            return await _producer.ProduceAsync(topic, message, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Ends it after the last answer. Once.</summary>
    public void Retire() => Leave();

    private void OnError(IClient client, Error error)
    {
        if (error.IsFatal)
            Volatile.Write(ref _fatal, error.Reason);
    }

    private bool TryEnter()
    {
        int users;
        do
        {
            users = Volatile.Read(ref _users);
            if (users == 0)
                return false;
        }
        while (Interlocked.CompareExchange(ref _users, users + 1, users) != users);
        return true;
    }

    private void Leave()
    {
        // Not on the producer's own thread, which hands over the answers and which disposing waits for.
        if (Interlocked.Decrement(ref _users) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(static producer => producer.Dispose(), _producer, preferLocal: false);
    }

    private sealed class Bytes : ISerializer<ReadOnlyMemory<byte>>
    {
        public static readonly Bytes Instance = new();

        public byte[] Serialize(ReadOnlyMemory<byte> data, SerializationContext context) =>
            System.Runtime.InteropServices.MemoryMarshal.TryGetArray(data, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length ? segment.Array : data.ToArray();
    }
}
