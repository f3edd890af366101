using System.Data.Common;
using Dapper;
using Npgsql;
using Shop.Redis.Sessions;

namespace Shop.Web.Sessions;

/// <summary>
/// The truth behind the sessions, in Postgres. Whoever changes several sessions locks them in the order of their hashes, so that
/// batches of uses and revocations never wait for each other in a circle.
/// </summary>
internal sealed class SessionVault(NpgsqlDataSource database) : ISessionVault
{
    private const string Columns = "hash, id, account_id, device, address, created_at, last_seen_at, expires_at, version";


    public async Task AddAsync(StoredSession session, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await connection.ExecuteAsync(new CommandDefinition(
            $"""
             WITH added AS (
                 INSERT INTO sessions ({Columns})
                 VALUES (@hash, @Id, @account, @Device, @Address, @CreatedAt, @LastSeenAt, @ExpiresAt, @Version)
                 RETURNING hash)
             INSERT INTO session_fields (hash, name, value, version)
             SELECT added.hash, field.name, field.value, @Version
             FROM added, unnest(@names, @values) AS field (name, value)
             """,
            new
            {
                hash = session.Hash.ToArray(),
                session.Id,
                account = Guid.Parse(session.User),
                session.Device,
                session.Address,
                session.CreatedAt,
                session.LastSeenAt,
                session.ExpiresAt,
                session.Version,
                names = session.Fields.Keys.ToArray(),
                values = session.Fields.Values.Select(static value => value.ToArray()).ToArray(),
            },
            cancellationToken: ct));
    }

    public async Task<StoredSession?> FindAsync(SessionHash hash, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        return await ReadAsync(connection, null, hash, ct);
    }

    public async Task<StoredWrite?> WriteAsync(SessionHash hash, SessionChanges changes, DateTimeOffset at, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        if (!await LockAsync(connection, transaction, hash, ct))
            return null;

        var written = !await IsOutdatedAsync(connection, transaction, hash, changes, ct);
        if (written)
            await ApplyAsync(connection, transaction, hash, changes, at, ct);
        var session = await ReadAsync(connection, transaction, hash, ct);
        await transaction.CommitAsync(ct);
        return new StoredWrite(written, session!);
    }

    public async Task<StoredSession?> ReplaceHashAsync(SessionHash hash, SessionHash replacement, SessionChanges changes, DateTimeOffset at, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        if (!await LockAsync(connection, transaction, hash, ct))
            return null;

        // The row goes on under the new hash, fields and all; an ended one stays behind under the old.
        await connection.ExecuteAsync(new CommandDefinition(
            $"""
             UPDATE sessions SET hash = @to WHERE hash = @from;
             INSERT INTO sessions ({Columns}, changed_at, ended_at)
             SELECT @from, id, account_id, device, address, created_at, last_seen_at, expires_at, version, @at, @at FROM sessions WHERE hash = @to;
             """,
            new { from = hash.ToArray(), to = replacement.ToArray(), at },
            transaction,
            cancellationToken: ct));
        await ApplyAsync(connection, transaction, replacement, changes, at, ct);
        var session = await ReadAsync(connection, transaction, replacement, ct);
        await transaction.CommitAsync(ct);
        return session;
    }

    public async Task<IReadOnlyList<SessionHash>> TouchAsync(IReadOnlyList<SessionTouch> touches, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        var living = await connection.QueryAsync<byte[]>(new CommandDefinition(
            """
            WITH living AS (
                SELECT hash FROM sessions WHERE hash = ANY (@hashes) AND ended_at IS NULL ORDER BY hash FOR UPDATE)
            UPDATE sessions
            SET last_seen_at = greatest(sessions.last_seen_at, touch.seen_at), expires_at = greatest(sessions.expires_at, touch.expires_at)
            FROM living
            JOIN unnest(@hashes, @seen, @expires) AS touch (hash, seen_at, expires_at) ON touch.hash = living.hash
            WHERE sessions.hash = living.hash
            RETURNING sessions.hash
            """,
            new
            {
                hashes = touches.Select(static touch => touch.Hash.ToArray()).ToArray(),
                seen = touches.Select(static touch => touch.SeenAt).ToArray(),
                expires = touches.Select(static touch => touch.ExpiresAt).ToArray(),
            },
            cancellationToken: ct));
        return [.. touches.Select(static touch => touch.Hash).Except(living.Select(static hash => new SessionHash(hash)))];
    }

    public async Task<IReadOnlyList<StoredSession>> ListAsync(string user, DateTimeOffset now, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        var rows = await connection.QueryAsync<SessionRow>(new CommandDefinition(
            $"""
             SELECT {SessionRow.Columns}, NULL::text AS "fieldName", NULL::bytea AS "fieldValue"
             FROM sessions AS s
             WHERE account_id = @account AND ended_at IS NULL AND expires_at > @now
             ORDER BY last_seen_at DESC, id DESC
             """,
            new { account = Guid.Parse(user), now },
            cancellationToken: ct));
        return [.. rows.Select(static row => SessionRow.Merge([row])!)];
    }

    public async Task<IReadOnlyList<SessionHash>> RevokeAsync(SessionSelection which, DateTimeOffset at, CancellationToken ct)
    {
        var condition = which switch
        {
            { Hash: not null } => "hash = @hash",
            { Id: not null } => "account_id = @account AND id = @Id",
            { Except: not null } => "account_id = @account AND id <> @Except",
            _ => "account_id = @account",
        };
        await using var connection = await database.OpenConnectionAsync(ct);
        var ended = await connection.QueryAsync<byte[]>(new CommandDefinition(
            $"""
             WITH living AS (
                 SELECT hash FROM sessions WHERE {condition} AND ended_at IS NULL ORDER BY hash FOR UPDATE)
             UPDATE sessions SET ended_at = @at, changed_at = @at
             FROM living
             WHERE sessions.hash = living.hash
             RETURNING sessions.hash
             """,
            new { hash = which.Hash?.ToArray(), account = which.User is { } user ? Guid.Parse(user) : (Guid?)null, which.Id, which.Except, at },
            cancellationToken: ct));
        return [.. ended.Select(static hash => new SessionHash(hash))];
    }

    public async Task<IReadOnlyList<SessionChange>> ListChangedAsync(DateTimeOffset since, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        var rows = await connection.QueryAsync<(byte[] Hash, long Version, bool Ended)>(new CommandDefinition(
            "SELECT hash, version, ended_at IS NOT NULL FROM sessions WHERE changed_at >= @since", new { since }, cancellationToken: ct));
        return [.. rows.Select(static row => new SessionChange(new SessionHash(row.Hash), row.Version, row.Ended))];
    }

    public async Task<int> PurgeAsync(DateTimeOffset before, int limit, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        return await connection.ExecuteAsync(new CommandDefinition(
            """
            DELETE FROM sessions
            WHERE hash IN (
                SELECT hash FROM sessions WHERE ended_at < @before OR expires_at < @before LIMIT @limit FOR UPDATE SKIP LOCKED)
            """,
            new { before, limit },
            cancellationToken: ct));
    }

    /// <summary>Locks the row of a living session until the transaction ends; false when there is none.</summary>
    private static async Task<bool> LockAsync(DbConnection connection, DbTransaction transaction, SessionHash hash, CancellationToken ct) =>
        await connection.QuerySingleOrDefaultAsync<bool>(new CommandDefinition(
            "SELECT true FROM sessions WHERE hash = @hash AND ended_at IS NULL FOR UPDATE", new { hash = hash.ToArray() }, transaction, cancellationToken: ct));

    /// <summary>Whether a field to be written is newer than what the writer has seen.</summary>
    private static async Task<bool> IsOutdatedAsync(DbConnection connection, DbTransaction transaction, SessionHash hash, SessionChanges changes, CancellationToken ct) =>
        changes.BasedOn is { } seen && await connection.QuerySingleAsync<bool>(new CommandDefinition(
            "SELECT EXISTS (SELECT FROM session_fields WHERE hash = @hash AND name = ANY (@names) AND version > @seen)",
            new { hash = hash.ToArray(), names = changes.Fields.Keys.ToArray(), seen },
            transaction,
            cancellationToken: ct));

    /// <summary>Writes the fields under the session's next version; the row is locked.</summary>
    private static Task ApplyAsync(DbConnection connection, DbTransaction transaction, SessionHash hash, SessionChanges changes, DateTimeOffset at, CancellationToken ct) =>
        connection.ExecuteAsync(new CommandDefinition(
            """
            WITH next AS (
                UPDATE sessions SET version = version + 1, changed_at = @at WHERE hash = @hash RETURNING hash, version)
            INSERT INTO session_fields (hash, name, value, version)
            SELECT next.hash, field.name, field.value, next.version
            FROM next, unnest(@names, @values) AS field (name, value)
            ON CONFLICT (hash, name) DO UPDATE SET value = excluded.value, version = excluded.version
            """,
            new
            {
                hash = hash.ToArray(),
                at,
                names = changes.Fields.Keys.ToArray(),
                values = changes.Fields.Values.Select(static value => value?.ToArray()).ToArray(),
            },
            transaction,
            cancellationToken: ct));

    private static async Task<StoredSession?> ReadAsync(DbConnection connection, DbTransaction? transaction, SessionHash hash, CancellationToken ct)
    {
        var rows = await connection.QueryAsync<SessionRow>(new CommandDefinition(
            $"""
             SELECT {SessionRow.Columns}, field.name AS "fieldName", field.value AS "fieldValue"
             FROM sessions AS s
             LEFT JOIN session_fields AS field ON field.hash = s.hash AND field.value IS NOT NULL
             WHERE s.hash = @hash AND s.ended_at IS NULL
             """,
            new { hash = hash.ToArray() },
            transaction,
            cancellationToken: ct));
        return SessionRow.Merge([.. rows]);
    }
}
