namespace Shop.Redis.Sessions;

/// <summary>A living session, as <see cref="RedisSessions.GetAsync"/> found it.</summary>
public sealed record Session
{
    /// <summary>Names the session to its user and to operators. Not a secret: nobody signs in with it. Stays when the secret is renewed.</summary>
    public required Guid Id { get; init; }

    /// <summary>Whose session it is.</summary>
    public required string User { get; init; }

    /// <summary>What the user sees of the device, for example <c>Firefox on Linux</c>; null when unknown.</summary>
    public string? Device { get; init; }

    /// <summary>The address that it was created from; null when unknown.</summary>
    public string? Address { get; init; }

    /// <summary>When the user signed in.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last used, to within <see cref="SessionOptions.TouchInterval"/>.</summary>
    public required DateTimeOffset LastSeenAt { get; init; }

    /// <summary>When it ends unless it is used before: <see cref="SessionOptions.IdleTimeout"/> after the last use, at most <see cref="SessionOptions.MaxAge"/> after the sign-in.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Grows with every write to the fields; give it to <see cref="RedisSessions.WriteAsync"/> to be told of a conflict.</summary>
    public required long Version { get; init; }

    /// <summary>What the application keeps in it.</summary>
    public required IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Fields { get; init; }
}

/// <summary>A session and the secret that opens it. The secret exists here and with the client, nowhere else.</summary>
/// <param name="Secret">256 random bits in base64url, 43 characters: for the cookie. Not to be logged.</param>
/// <param name="Session">The session.</param>
public sealed record SessionTicket(string Secret, Session Session)
{
    /// <summary>The session's id; never the secret, which must not reach a log by way of a record.</summary>
    public override string ToString() => $"SessionTicket {Session.Id}";
}

/// <summary>What <see cref="RedisSessions.CreateAsync"/> is told at sign-in.</summary>
public sealed record NewSession
{
    /// <summary>Who signs in; not empty.</summary>
    public required string User { get; init; }

    /// <summary>What the user will see of the device; at most 200 characters (longer is cut).</summary>
    public string? Device { get; init; }

    /// <summary>The client's address; at most 100 characters (longer is cut).</summary>
    public string? Address { get; init; }

    /// <summary>What to keep in it; names of 1 to 64 characters, all names and values together at most <see cref="SessionOptions.MaxFieldBytes"/>.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Fields { get; init; } = new Dictionary<string, ReadOnlyMemory<byte>>();
}
