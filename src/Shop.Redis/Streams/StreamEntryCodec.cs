using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using StackExchange.Redis;

namespace Shop.Redis.Streams;

/// <summary>Between <see cref="StreamMessage"/> and the fields of an entry.</summary>
internal static class StreamEntryCodec
{
    /// <summary>Names the one group that a put-back entry is for; the others acknowledge it unread.</summary>
    public static readonly RedisValue GroupField = "group";

    private static readonly RedisValue Id = "id";
    private static readonly RedisValue Type = "type";
    private static readonly RedisValue Key = "key";
    private static readonly RedisValue Time = "time";
    private static readonly RedisValue TraceParent = "traceparent";
    private static readonly RedisValue Data = "data";

    public static NameValueEntry[] Encode(StreamMessage message)
    {
        var fields = new NameValueEntry[message.TraceParent is null ? 5 : 6];
        fields[0] = new NameValueEntry(Id, message.Id.ToString());
        fields[1] = new NameValueEntry(Type, message.Type);
        fields[2] = new NameValueEntry(Key, message.Key);
        fields[3] = new NameValueEntry(Time, message.Time.ToString("O", CultureInfo.InvariantCulture));
        if (message.TraceParent is not null)
            fields[4] = new NameValueEntry(TraceParent, message.TraceParent);
        fields[^1] = new NameValueEntry(Data, message.Data);
        return fields;
    }

    /// <summary>Reads an entry; false with the <paramref name="defect"/> when it is not one of ours. <paramref name="group"/> is the group that it was put back for, or null for all.</summary>
    public static bool TryDecode(NameValueEntry[] fields, [NotNullWhen(true)] out StreamMessage? message, out string? group, [NotNullWhen(false)] out string? defect)
    {
        string? type = null, key = null, traceParent = null;
        Guid? id = null;
        DateTimeOffset? time = null;
        ReadOnlyMemory<byte>? data = null;
        group = null;
        foreach (var field in fields)
        {
            if (field.Name == Data)
                data = (ReadOnlyMemory<byte>)field.Value;
            else if (field.Name == Key)
                key = field.Value;
            else if (field.Name == Type)
                type = field.Value;
            else if (field.Name == Id)
                id = Guid.TryParse((string?)field.Value, out var parsed) ? parsed : null;
            else if (field.Name == Time)
                time = DateTimeOffset.TryParse((string?)field.Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed) ? parsed : null;
            else if (field.Name == TraceParent)
                traceParent = field.Value;
            else if (field.Name == GroupField)
                group = field.Value;
        }

        if (id is null || string.IsNullOrEmpty(type) || key is null || time is null || data is null)
        {
            message = null;
            defect = $"The entry is not an event: {Missing()}. An event has the fields id (a UUID), type, key, time (ISO 8601) and data (JSON).";
            return false;
        }

        message = new StreamMessage(id.Value, type, key, time.Value, data.Value, traceParent);
        defect = null;
        return true;

        string Missing() => string.Join(", ", new[]
        {
            id is null ? "id is missing or no UUID" : null,
            string.IsNullOrEmpty(type) ? "type is missing" : null,
            key is null ? "key is missing" : null,
            time is null ? "time is missing or no time" : null,
            data is null ? "data is missing" : null,
        }.OfType<string>());
    }
}
