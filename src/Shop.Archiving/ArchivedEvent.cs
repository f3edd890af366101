using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Confluent.Kafka;
using Shop.Redis.Streams;

namespace Shop.Archiving;

/// <summary>
/// An event as it stands in a topic: the value is its JSON, the key the aggregate's, the timestamp its own time, and the headers are
/// named as the fields of the stream's entry: <c>id</c>, <c>type</c>, <c>time</c>, <c>traceparent</c>. One that the audit put there says
/// so: <c>repaired</c>.
/// </summary>
/// <param name="Time">When it happened.</param>
/// <param name="Hash">Of everything that must be equal on both sides; the outbox computes the same in SQL (<see cref="Auditing.OutboxEvents"/>).</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ArchivedEvent(DateTimeOffset Time, long Hash)
{
    private const string Id = "id", Type = "type", TimeHeader = "time", TraceParent = "traceparent", Repaired = "repaired";

    public static Message<string, ReadOnlyMemory<byte>> ToKafka(StreamMessage message, DateTimeOffset? repaired = null)
    {
        var headers = new Headers
        {
            { Id, Encoding.ASCII.GetBytes(message.Id.ToString()) },
            { Type, Encoding.UTF8.GetBytes(message.Type) },
            { TimeHeader, Encode(message.Time) },
        };
        if (message.TraceParent is { } traceParent)
            headers.Add(TraceParent, Encoding.UTF8.GetBytes(traceParent));
        if (repaired is { } at)
            headers.Add(Repaired, Encode(at));
        return new() { Key = message.Key, Value = message.Data, Headers = headers, Timestamp = new Timestamp(message.Time) };
    }

    /// <summary>False for a message that is none of ours.</summary>
    public static bool TryRead(Message<string, byte[]> message, out ArchivedEvent read)
    {
        read = default;
        if (message.Key is null || message.Value is null
            || Text(message.Headers, Id) is not { } id || Text(message.Headers, Type) is not { } type || Text(message.Headers, TimeHeader) is not { } text
            || !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            return false;
        read = new(time, HashOf(id, type, message.Key, message.Value));
        return true;
    }

    /// <summary>The first eight bytes of a SHA-256, as a number.</summary>
    public static long HashOf(string id, string type, string key, ReadOnlySpan<byte> data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{id}\n{type}\n{key}\n"));
        hash.AppendData(data);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        return BinaryPrimitives.ReadInt64BigEndian(digest);
    }

    private static byte[] Encode(DateTimeOffset time) => Encoding.ASCII.GetBytes(time.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture));

    private static string? Text(Headers? headers, string name) => headers is not null && headers.TryGetLastBytes(name, out var bytes) ? Encoding.UTF8.GetString(bytes) : null;
}
