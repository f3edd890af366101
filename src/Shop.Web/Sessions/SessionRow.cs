using Shop.Redis.Sessions;

namespace Shop.Web.Sessions;

/// <summary>A session and one of its fields, as <see cref="SessionVault"/> reads them; without one, when it has none.</summary>
internal sealed record SessionRow(
    byte[] Hash,
    Guid Id,
    Guid AccountId,
    string? Device,
    string? Address,
    DateTime CreatedAt,
    DateTime LastSeenAt,
    DateTime ExpiresAt,
    long Version,
    string? FieldName,
    byte[]? FieldValue)
{
    /// <summary>What to select of <c>sessions AS s</c>, before the field.</summary>
    public const string Columns =
        """
        s.hash, s.id, s.account_id AS "accountId", s.device, s.address, s.created_at AS "createdAt", s.last_seen_at AS "lastSeenAt", s.expires_at AS "expiresAt", s.version
        """;

    /// <summary>The session of all its rows; null of none.</summary>
    public static StoredSession? Merge(SessionRow[] rows) => rows is not [var row, ..] ? null : new StoredSession
    {
        Hash = new SessionHash(row.Hash),
        Id = row.Id,
        User = row.AccountId.ToString(),
        Device = row.Device,
        Address = row.Address,
        CreatedAt = new DateTimeOffset(row.CreatedAt),
        LastSeenAt = new DateTimeOffset(row.LastSeenAt),
        ExpiresAt = new DateTimeOffset(row.ExpiresAt),
        Version = row.Version,
        Fields = rows.Where(static one => one.FieldName is not null).ToDictionary(
            static one => one.FieldName!, static one => new ReadOnlyMemory<byte>(one.FieldValue), StringComparer.Ordinal),
    };
}
