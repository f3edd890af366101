using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using StackExchange.Redis;

namespace Shop.Redis.Streams;

/// <summary>Between <see cref="StreamMessage"/> and the fields of an entry. Reading allocates the message and its strings, and no more.</summary>
internal static class StreamEntryCodec
{
    private static readonly RedisValue Id = Encode("id"u8);
    private static readonly RedisValue Type = Encode("type"u8);
    private static readonly RedisValue Key = Encode("key"u8);
    private static readonly RedisValue Time = Encode("time"u8);
    private static readonly RedisValue TraceParent = Encode("traceparent"u8);
    private static readonly RedisValue Data = Encode("data"u8);

    public static NameValueEntry[] Encode(StreamMessage message, string? traceParent)
    {
        var fields = new NameValueEntry[traceParent is null ? 5 : 6];
        fields[0] = new NameValueEntry(Id, message.Id.ToString());
        fields[1] = new NameValueEntry(Type, message.Type);
        fields[2] = new NameValueEntry(Key, message.Key);
        fields[3] = new NameValueEntry(Time, message.Time.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture));
        if (traceParent is not null)
            fields[4] = new NameValueEntry(TraceParent, traceParent);
        fields[^1] = new NameValueEntry(Data, message.Data);
        return fields;
    }

    /// <summary>
    /// Reads an entry; false with the <paramref name="defect"/> when it is not one of ours. <paramref name="group"/> is the one group
    /// that it was put back for (the others acknowledge it unread), or null for all.
    /// </summary>
    public static bool TryDecode(NameValueEntry[] fields, [NotNullWhen(true)] out StreamMessage? message, out string? group, [NotNullWhen(false)] out string? defect)
    {
        var read = default(Fields);
        foreach (var field in fields)
            read.Take(((ReadOnlyMemory<byte>)field.Name).Span, field.Value);

        group = read.Group;
        if (read is { Id: { } id, Type: { Length: > 0 } type, Key: { } key, Time: { } time, Data: { } data })
        {
            message = new StreamMessage(id, type, key, time, data, read.TraceParent);
            defect = null;
            return true;
        }

        message = null;
        defect = $"The entry is not an event: {read.Missing()}. An event has the fields id (a UUID), type, key, time (ISO 8601) and data (JSON).";
        return false;
    }

    private static RedisValue Encode(ReadOnlySpan<byte> name) => name.ToArray();

    [StructLayout(LayoutKind.Auto)]
    private struct Fields
    {
        public Guid? Id;
        public string? Type;
        public string? Key;
        public DateTimeOffset? Time;
        public ReadOnlyMemory<byte>? Data;
        public string? TraceParent;
        public string? Group;

        public void Take(ReadOnlySpan<byte> name, RedisValue value)
        {
            var bytes = (ReadOnlyMemory<byte>)value;
            if (name.SequenceEqual("id"u8))
                Id = Utf8Parser.TryParse(bytes.Span, out Guid id, out var read) && read == bytes.Length ? id : null;
            else if (name.SequenceEqual("type"u8))
                Type = Encoding.UTF8.GetString(bytes.Span);
            else if (name.SequenceEqual("key"u8))
                Key = Encoding.UTF8.GetString(bytes.Span);
            else if (name.SequenceEqual("time"u8))
                Time = ParseTime(bytes.Span);
            else if (name.SequenceEqual("data"u8))
                Data = bytes;
            else if (name.SequenceEqual("traceparent"u8))
                TraceParent = Encoding.UTF8.GetString(bytes.Span);
            else if (name.SequenceEqual("group"u8))
                Group = Encoding.UTF8.GetString(bytes.Span);
        }

        public readonly string Missing() => string.Join(", ", new[]
        {
            Id is null ? "id is missing or no UUID" : null,
            string.IsNullOrEmpty(Type) ? "type is missing" : null,
            Key is null ? "key is missing" : null,
            Time is null ? "time is missing or no time" : null,
            Data is null ? "data is missing" : null,
        }.OfType<string>());

        private static DateTimeOffset? ParseTime(ReadOnlySpan<byte> text)
        {
            // The fast way reads what we write; the other one what a person may have written.
            if (Utf8Parser.TryParse(text, out DateTimeOffset time, out var read, 'O') && read == text.Length)
                return time;
            return DateTimeOffset.TryParse(Encoding.UTF8.GetString(text), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time) ? time : null;
        }
    }
}
