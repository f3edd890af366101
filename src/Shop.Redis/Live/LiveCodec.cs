using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using StackExchange.Redis;

namespace Shop.Redis.Live;

/// <summary>What an item looks like in the stream (fields <c>data</c>, <c>traceparent</c>) and in a push (<c>cursor traceparent\njson</c>).</summary>
internal static class LiveCodec
{
    private const string Data = "data";
    private const string TraceParent = "traceparent";

    public static LiveItem<T> ReadEntry<T>(StreamEntry entry, JsonTypeInfo<T> json)
    {
        var data = (ReadOnlyMemory<byte>)entry[Data];
        return new LiveItem<T>(LiveCursor.OfEntry(entry.Id!), Deserialize(data.Span, json)) { TraceParent = Known(entry[TraceParent]) };
    }

    /// <summary>False for a message that no append of ours wrote: anybody who can reach Redis may publish.</summary>
    public static bool TryReadPush<T>(RedisValue message, JsonTypeInfo<T> json, out LiveItem<T>? item)
    {
        item = null;
        var bytes = ((ReadOnlyMemory<byte>)message).Span;
        var space = bytes.IndexOf((byte)' ');
        var line = bytes.IndexOf((byte)'\n');
        if (space < 0 || line < space || !LiveCursor.TryParse(Encoding.ASCII.GetString(bytes[..space]), out var cursor))
            return false;
        item = new LiveItem<T>(cursor, Deserialize(bytes[(line + 1)..], json)) { TraceParent = Known(Encoding.ASCII.GetString(bytes[(space + 1)..line])) };
        return true;
    }

    private static T Deserialize<T>(ReadOnlySpan<byte> data, JsonTypeInfo<T> json) => JsonSerializer.Deserialize(data, json)!;

    private static string? Known(string? traceParent) => string.IsNullOrEmpty(traceParent) ? null : traceParent;
}
