namespace Shop.Redis.Sessions;

/// <summary>A session as a vault keeps it.</summary>
public sealed record StoredSession
{
    /// <summary>Its secret's hash; unique.</summary>
    public required SessionHash Hash { get; init; }

    /// <summary>The id that is safe to show; a UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>Whose it is.</summary>
    public required string User { get; init; }

    /// <summary>At most 200 characters.</summary>
    public string? Device { get; init; }

    /// <summary>At most 100 characters.</summary>
    public string? Address { get; init; }

    /// <summary>When it was added.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last touched.</summary>
    public required DateTimeOffset LastSeenAt { get; init; }

    /// <summary>When it ends unless it is touched before.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>1 for a new session, and 1 more with every write.</summary>
    public required long Version { get; init; }

    /// <summary>The fields that are set; a new session's have version 1.</summary>
    public required IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Fields { get; init; }
}

/// <summary>A use of a session.</summary>
/// <param name="Hash">Which one.</param>
/// <param name="SeenAt">When.</param>
/// <param name="ExpiresAt">When it ends now.</param>
public sealed record SessionTouch(SessionHash Hash, DateTimeOffset SeenAt, DateTimeOffset ExpiresAt);

/// <summary>What <see cref="ISessionVault.WriteAsync"/> did.</summary>
/// <param name="Written">False: a conflict, and nothing was written.</param>
/// <param name="Session">The session with all fields, after the write.</param>
public sealed record StoredWrite(bool Written, StoredSession Session);

/// <summary>What caches must learn of a session.</summary>
/// <param name="Hash">Which one.</param>
/// <param name="Version">Its version; whatever is lower is out of date.</param>
/// <param name="Ended">It was revoked or replaced.</param>
public sealed record SessionChange(SessionHash Hash, long Version, bool Ended);

/// <summary>Sessions to revoke: what is not null must match. At least a hash or a user is given.</summary>
public sealed record SessionSelection
{
    private SessionSelection()
    {
    }

    /// <summary>The one with this hash.</summary>
    public SessionHash? Hash { get; private init; }

    /// <summary>Those of this user.</summary>
    public string? User { get; private init; }

    /// <summary>The one with this id.</summary>
    public Guid? Id { get; private init; }

    /// <summary>All but the one with this id.</summary>
    public Guid? Except { get; private init; }

    /// <summary>The one with this hash.</summary>
    public static SessionSelection WithHash(SessionHash hash) => new() { Hash = hash };

    /// <summary>One of a user's: another's session with this id stays.</summary>
    public static SessionSelection One(string user, Guid id) => new() { User = user, Id = id };

    /// <summary>All of a user's, but one.</summary>
    public static SessionSelection AllBut(string user, Guid id) => new() { User = user, Except = id };

    /// <summary>All of a user's.</summary>
    public static SessionSelection AllOf(string user) => new() { User = user };
}
