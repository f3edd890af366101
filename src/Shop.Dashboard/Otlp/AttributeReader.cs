using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Shop.Dashboard.Otlp.Wire;
using Shop.Dashboard.Telemetry;

namespace Shop.Dashboard.Otlp;

/// <summary>Reads what all signals share: ids, times, attributes and the resource. Caps what one record may hold.</summary>
internal static class AttributeReader
{
    /// <summary>Of attributes, events and links of one record; the default limit of OpenTelemetry's own SDKs.</summary>
    public const int MaxItems = 128;

    /// <summary>Characters of one value: room for a long stack trace.</summary>
    public const int MaxLength = 16_384;

    public static TelemetrySource Source(Resource? resource)
    {
        string? name = null, instance = null;
        foreach (var attribute in resource?.Attributes ?? [])
        {
            if (attribute.Key == "service.name")
                name = Text(attribute.Value);
            else if (attribute.Key == "service.instance.id")
                instance = Text(attribute.Value);
        }
        return new TelemetrySource(string.IsNullOrEmpty(name) ? "unknown" : Pooled(name), Pooled(instance ?? ""));
    }

    public static TelemetryAttribute[] Attributes(RepeatedField<KeyValue> attributes)
    {
        var read = new TelemetryAttribute[Math.Min(attributes.Count, MaxItems)];
        for (var i = 0; i < read.Length; i++)
            read[i] = new TelemetryAttribute(Pooled(attributes[i].Key), Text(attributes[i].Value));
        return read;
    }

    /// <summary>One copy of a text that comes often.</summary>
    public static string Pooled(string text) => StringPool.Share(text);

    /// <summary>Numbers as a program writes them, lists and maps as JSON, bytes in base 64.</summary>
    public static string Text(AnyValue? value)
    {
        var text = value?.ValueCase switch
        {
            AnyValue.ValueOneofCase.StringValue => Pooled(value.StringValue),
            AnyValue.ValueOneofCase.BoolValue => value.BoolValue ? "true" : "false",
            AnyValue.ValueOneofCase.IntValue => value.IntValue.ToString(CultureInfo.InvariantCulture),
            AnyValue.ValueOneofCase.DoubleValue => value.DoubleValue.ToString("R", CultureInfo.InvariantCulture),
            AnyValue.ValueOneofCase.BytesValue => value.BytesValue.ToBase64(),
            AnyValue.ValueOneofCase.ArrayValue or AnyValue.ValueOneofCase.KvlistValue => Json(value)!.ToJsonString(JsonSerializerOptions.Default),
            _ => "",
        };
        return text.Length <= MaxLength ? text : string.Concat(text.AsSpan(0, MaxLength - 1), "…");
    }

    /// <summary>Lower-case hexadecimal; null when it is not of this length, or all zero, which means "none".</summary>
    public static string? Id(ByteString id, int bytes) =>
        id.Length == bytes && id.Span.ContainsAnyExcept((byte)0) ? Convert.ToHexStringLower(id.Span) : null;

    public static DateTimeOffset Time(ulong unixNanoseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks((long)(unixNanoseconds / TimeSpan.NanosecondsPerTick));

    private static JsonNode? Json(AnyValue value) => value.ValueCase switch
    {
        AnyValue.ValueOneofCase.ArrayValue => new JsonArray([.. value.ArrayValue.Values.Take(MaxItems).Select(Json)]),
        AnyValue.ValueOneofCase.KvlistValue => Map(value.KvlistValue),
        AnyValue.ValueOneofCase.IntValue => value.IntValue,
        AnyValue.ValueOneofCase.DoubleValue when double.IsFinite(value.DoubleValue) => value.DoubleValue,
        AnyValue.ValueOneofCase.BoolValue => value.BoolValue,
        AnyValue.ValueOneofCase.None => null,
        _ => Text(value),
    };

    private static JsonObject Map(KeyValueList list)
    {
        var map = new JsonObject();
        foreach (var pair in list.Values.Take(MaxItems))
            map[pair.Key] = pair.Value is null ? null : Json(pair.Value);
        return map;
    }
}
