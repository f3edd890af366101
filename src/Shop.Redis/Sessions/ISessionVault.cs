namespace Shop.Redis.Sessions;

/// <summary>
/// The truth behind the sessions, implemented by the application on its database (README.md has the SQL for PostgreSQL). Every
/// method is one transaction that is committed when it returns, and times come from the caller. Where the doc says "living",
/// it means: known, and neither revoked nor replaced; whether its time is up is the caller's to decide. A session that has
/// ended never lives again, whatever is written to it.
/// <para>An exception from here reaches whoever asked; nothing is cached then.</para>
/// </summary>
public interface ISessionVault
{
    /// <summary>Adds a session. Its hash and its id are new.</summary>
    Task AddAsync(StoredSession session, CancellationToken ct);

    /// <summary>The living session with this hash, or null. It must see every commit made before the call: no replica that lags.</summary>
    Task<StoredSession?> FindAsync(SessionHash hash, CancellationToken ct);

    /// <summary>
    /// Writes the fields of a living session, leaves its other fields alone, and adds 1 to its version; the fields written get that
    /// version. If <see cref="SessionChanges.BasedOn"/> is given and a field among them has a higher one (a removed field
    /// keeps its version), nothing is written.
    /// </summary>
    /// <param name="hash">Which session.</param>
    /// <param name="changes">What to write.</param>
    /// <param name="at">Now: the time of change for <see cref="ListChangedAsync"/>.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>Whether it was written, and the session as it is now; null when it is not living.</returns>
    Task<StoredWrite?> WriteAsync(SessionHash hash, SessionChanges changes, DateTimeOffset at, CancellationToken ct);

    /// <summary>
    /// Ends the living session <paramref name="hash"/> and lets it live on, with id, times and fields, under
    /// <paramref name="replacement"/>; <paramref name="changes"/> are written as by <see cref="WriteAsync"/>, without looking at
    /// <see cref="SessionChanges.BasedOn"/>. Of two calls for the same hash, one succeeds. <see cref="ListChangedAsync"/> tells of
    /// the old hash as ended.
    /// </summary>
    /// <returns>The session under its new hash; null when the old one is not living.</returns>
    Task<StoredSession?> ReplaceHashAsync(SessionHash hash, SessionHash replacement, SessionChanges changes, DateTimeOffset at, CancellationToken ct);

    /// <summary>Notes that living sessions were used. A time never goes back; the version stays.</summary>
    /// <param name="touches">Each hash once.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>The hashes among them that are not living.</returns>
    Task<IReadOnlyList<SessionHash>> TouchAsync(IReadOnlyList<SessionTouch> touches, CancellationToken ct);

    /// <summary>The living sessions of a user that expire after <paramref name="now"/>, the last seen first; their fields may be left out.</summary>
    Task<IReadOnlyList<StoredSession>> ListAsync(string user, DateTimeOffset now, CancellationToken ct);

    /// <summary>Ends the living sessions that are selected. They stay ended; the row is kept until <see cref="PurgeAsync"/>.</summary>
    /// <param name="which">Which ones.</param>
    /// <param name="at">Now: the time of change for <see cref="ListChangedAsync"/>.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>The hashes of those that ended by this call.</returns>
    Task<IReadOnlyList<SessionHash>> RevokeAsync(SessionSelection which, DateTimeOffset at, CancellationToken ct);

    /// <summary>What was written, replaced or revoked at <paramref name="since"/> or later. Touches do not count.</summary>
    Task<IReadOnlyList<SessionChange>> ListChangedAsync(DateTimeOffset since, CancellationToken ct);

    /// <summary>Forgets sessions that ended or expired before <paramref name="before"/>.</summary>
    /// <param name="before">Long enough ago that <see cref="ListChangedAsync"/> is not asked about it any more.</param>
    /// <param name="limit">At most so many, so that the transaction is short.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>How many were forgotten.</returns>
    Task<int> PurgeAsync(DateTimeOffset before, int limit, CancellationToken ct);
}
