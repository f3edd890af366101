using System.Text.Json;
using System.Text.Json.Serialization;

namespace Shop.Redis.Sessions;

/// <summary>What a session looks like in Redis: JSON, with the fields in base64.</summary>
internal static class SessionCodec
{
    public static byte[] Write(StoredSession session) => JsonSerializer.SerializeToUtf8Bytes(new SessionData
    {
        Id = session.Id,
        User = session.User,
        Device = session.Device,
        Address = session.Address,
        CreatedAt = session.CreatedAt,
        Fields = session.Fields.ToDictionary(static field => field.Key, static field => field.Value.ToArray(), StringComparer.Ordinal),
    }, SessionJson.Default.SessionData);

    /// <summary>The stored session, except for when it expires, which follows from the options.</summary>
    public static StoredSession Read(SessionHash hash, long version, ReadOnlyMemory<byte> json, DateTimeOffset seenAt)
    {
        var data = JsonSerializer.Deserialize(json.Span, SessionJson.Default.SessionData)!;
        return new StoredSession
        {
            Hash = hash,
            Id = data.Id,
            User = data.User,
            Device = data.Device,
            Address = data.Address,
            CreatedAt = data.CreatedAt,
            LastSeenAt = seenAt,
            ExpiresAt = default,
            Version = version,
            Fields = data.Fields.ToDictionary(static field => field.Key, static field => (ReadOnlyMemory<byte>)field.Value, StringComparer.Ordinal),
        };
    }
}

internal sealed class SessionData
{
    public required Guid Id { get; init; }

    public required string User { get; init; }

    public string? Device { get; init; }

    public string? Address { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required Dictionary<string, byte[]> Fields { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SessionData))]
internal sealed partial class SessionJson : JsonSerializerContext;
