using System.Text;

namespace Shop.Redis.Sessions;

/// <summary>When a session expires, and what may be in it.</summary>
internal sealed class SessionRules(SessionOptions options, TimeProvider clock)
{
    private const int LongestName = 64;
    private const int LongestDevice = 200;
    private const int LongestAddress = 100;

    /// <summary>Now, in whole milliseconds as Redis keeps it.</summary>
    public DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());

    public StoredSession Begin(SessionHash hash, NewSession session)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(session.User);
        Validate(session.Fields.Select(static field => (field.Key, field.Value.Length)));
        var now = Now();
        return new StoredSession
        {
            Hash = hash,
            Id = Guid.CreateVersion7(now),
            User = session.User,
            Device = Cut(session.Device, LongestDevice),
            Address = Cut(session.Address, LongestAddress),
            CreatedAt = now,
            LastSeenAt = now,
            ExpiresAt = ExpiresAt(now, now),
            Version = 1,
            Fields = session.Fields,
        };
    }

    public void Validate(SessionChanges changes) =>
        Validate(changes.Fields.Select(static field => (field.Key, field.Value?.Length ?? 0)));

    /// <summary>The session as the application sees it; null when it has expired.</summary>
    public Session? Living(StoredSession? stored, DateTimeOffset now)
    {
        if (stored is null)
            return null;
        var expiresAt = ExpiresAt(stored.CreatedAt, stored.LastSeenAt);
        return expiresAt <= now ? null : new Session
        {
            Id = stored.Id,
            User = stored.User,
            Device = stored.Device,
            Address = stored.Address,
            CreatedAt = stored.CreatedAt,
            LastSeenAt = stored.LastSeenAt,
            ExpiresAt = expiresAt,
            Version = stored.Version,
            Fields = stored.Fields,
        };
    }

    public bool IsTouchDue(StoredSession stored, DateTimeOffset now) => now - stored.LastSeenAt >= options.TouchInterval;

    public StoredSession Seen(StoredSession stored, DateTimeOffset at) =>
        stored with { LastSeenAt = at, ExpiresAt = ExpiresAt(stored.CreatedAt, at) };

    private DateTimeOffset ExpiresAt(DateTimeOffset createdAt, DateTimeOffset seenAt)
    {
        var idle = seenAt + options.IdleTimeout;
        var oldest = createdAt + options.MaxAge;
        return idle < oldest ? idle : oldest;
    }

    private void Validate(IEnumerable<(string Name, int Bytes)> fields)
    {
        var total = 0L;
        foreach (var (name, bytes) in fields)
        {
            if (name.Length is 0 or > LongestName)
                throw new ArgumentException($"The field '{name}' has a name of {name.Length} characters: 1 to {LongestName}.", nameof(fields));
            total += Encoding.UTF8.GetByteCount(name) + bytes;
        }

        if (total > options.MaxFieldBytes)
            throw new ArgumentException($"The fields have {total} bytes: at most {options.MaxFieldBytes} ({nameof(SessionOptions.MaxFieldBytes)}).", nameof(fields));
    }

    private static string? Cut(string? text, int length) => text?.Length > length ? text[..length] : text;
}
