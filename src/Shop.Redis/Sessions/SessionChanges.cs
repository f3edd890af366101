namespace Shop.Redis.Sessions;

/// <summary>Fields to set and to remove, in one step; fields that are not named stay as they are, whoever wrote them.</summary>
public sealed record SessionChanges
{
    /// <summary>Fields to write; null removes one. At least one, unless the id is renewed.</summary>
    public required IReadOnlyDictionary<string, ReadOnlyMemory<byte>?> Fields { get; init; }

    /// <summary>
    /// The <see cref="Session.Version"/> that the caller has seen: if another has written one of these fields since, nothing is
    /// written and the answer is <see cref="SessionWriteStatus.Conflict"/>. Null: the later write wins.
    /// </summary>
    public long? BasedOn { get; init; }

    /// <summary>No fields.</summary>
    public static SessionChanges None { get; } = new() { Fields = new Dictionary<string, ReadOnlyMemory<byte>?>() };
}

/// <summary>What became of a write.</summary>
public enum SessionWriteStatus
{
    /// <summary>The fields are written, in the vault.</summary>
    Written,

    /// <summary>Another has written one of the fields since <see cref="SessionChanges.BasedOn"/>: nothing was written.</summary>
    Conflict,

    /// <summary>The session was never there, has expired, was revoked or has a new secret: nobody will see the fields.</summary>
    Ended,
}

/// <summary>The answer of <see cref="RedisSessions.WriteAsync"/>.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="Session">The session with all fields, as it is now: after the write, or what is in conflict with it. Null when it has ended.</param>
public sealed record SessionWriteResult(SessionWriteStatus Status, Session? Session);
