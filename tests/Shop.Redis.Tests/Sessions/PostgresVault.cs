using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Shop.Redis.Sessions;
using Shop.Testing;

namespace Shop.Redis.Tests.Sessions;

/// <summary>The vault as an application writes it. README.md of the block quotes the SQL.</summary>
internal sealed class PostgresVault(NpgsqlDataSource database) : ISessionVault, IAsyncDisposable
{
    private const string Columns = "hash, id, user_id, device, address, created_at, last_seen_at, expires_at, version, fields";

    public Task CreateTableAsync() => ExecuteAsync("""
        CREATE TABLE sessions (
            hash         bytea       PRIMARY KEY,
            id           uuid        NOT NULL,
            user_id      text        NOT NULL,
            device       text,
            address      text,
            created_at   timestamptz NOT NULL,
            last_seen_at timestamptz NOT NULL,
            expires_at   timestamptz NOT NULL,
            version      bigint      NOT NULL,
            fields       jsonb       NOT NULL, -- name -> { "v": version, "b": base64, or null when it was removed }
            changed_at   timestamptz,
            ended_at     timestamptz
        );
        CREATE INDEX ON sessions (user_id) WHERE ended_at IS NULL;
        CREATE INDEX ON sessions (changed_at);
        CREATE INDEX ON sessions (expires_at);
        """, [], CancellationToken.None);

    public Task AddAsync(StoredSession session, CancellationToken ct) => ExecuteAsync($"""
        INSERT INTO sessions ({Columns})
        VALUES (@hash, @id, @user, @device, @address, @created, @seen, @expires, 1,
            (SELECT coalesce(jsonb_object_agg(n, jsonb_build_object('v', 1, 'b', b)), '{"{}"}') FROM unnest(@names, @values) AS f (n, b)))
        """,
        [
            new("hash", session.Hash.ToArray()), new("id", session.Id), new("user", session.User),
            new("device", NpgsqlDbType.Text) { Value = (object?)session.Device ?? DBNull.Value },
            new("address", NpgsqlDbType.Text) { Value = (object?)session.Address ?? DBNull.Value },
            new("created", session.CreatedAt), new("seen", session.LastSeenAt), new("expires", session.ExpiresAt),
            .. Fields(session.Fields.Select(static field => (field.Key, (ReadOnlyMemory<byte>?)field.Value))),
        ],
        ct);

    public async Task<StoredSession?> FindAsync(SessionHash hash, CancellationToken ct) => (await QueryAsync(
        $"SELECT {Columns} FROM sessions WHERE hash = @hash AND ended_at IS NULL",
        [new("hash", hash.ToArray())], ReadSession, ct)).SingleOrDefault();

    public async Task<StoredWrite?> WriteAsync(SessionHash hash, SessionChanges changes, DateTimeOffset at, CancellationToken ct)
    {
        var written = await QueryAsync($"""
            UPDATE sessions
            SET version = version + 1, changed_at = @at, fields = fields ||
                (SELECT jsonb_object_agg(n, jsonb_build_object('v', version + 1, 'b', b)) FROM unnest(@names, @values) AS f (n, b))
            WHERE hash = @hash AND ended_at IS NULL
              AND coalesce((SELECT max((fields -> n ->> 'v')::bigint) FROM unnest(@names) AS n), 0) <= @based_on
            RETURNING {Columns}
            """,
            [new("hash", hash.ToArray()), new("at", at), new("based_on", changes.BasedOn ?? long.MaxValue), .. Fields(changes.Fields.Select(static field => (field.Key, field.Value)))],
            ReadSession, ct);
        if (written is [var session])
            return new StoredWrite(true, session);
        return await FindAsync(hash, ct) is { } current ? new StoredWrite(false, current) : null;
    }

    public async Task<StoredSession?> ReplaceHashAsync(SessionHash hash, SessionHash replacement, SessionChanges changes, DateTimeOffset at, CancellationToken ct) => (await QueryAsync($"""
        WITH old AS (
            UPDATE sessions SET ended_at = @at, changed_at = @at WHERE hash = @hash AND ended_at IS NULL RETURNING *)
        INSERT INTO sessions ({Columns})
        SELECT @replacement, id, user_id, device, address, created_at, last_seen_at, expires_at, version + 1, fields ||
            (SELECT coalesce(jsonb_object_agg(n, jsonb_build_object('v', version + 1, 'b', b)), '{"{}"}') FROM unnest(@names, @values) AS f (n, b))
        FROM old
        RETURNING {Columns}
        """,
        [new("hash", hash.ToArray()), new("replacement", replacement.ToArray()), new("at", at), .. Fields(changes.Fields.Select(static field => (field.Key, field.Value)))],
        ReadSession, ct)).SingleOrDefault();

    public Task<IReadOnlyList<SessionHash>> TouchAsync(IReadOnlyList<SessionTouch> touches, CancellationToken ct) => QueryAsync("""
        WITH touch AS (
            SELECT * FROM unnest(@hashes, @seen, @expires) AS t (hash, seen, expires)),
        touched AS (
            UPDATE sessions s SET last_seen_at = greatest(last_seen_at, seen), expires_at = greatest(expires_at, expires)
            FROM touch t WHERE s.hash = t.hash AND s.ended_at IS NULL
            RETURNING s.hash)
        SELECT hash FROM touch EXCEPT SELECT hash FROM touched
        """,
        [
            new("hashes", touches.Select(static touch => touch.Hash.ToArray()).ToArray()),
            new("seen", touches.Select(static touch => touch.SeenAt).ToArray()),
            new("expires", touches.Select(static touch => touch.ExpiresAt).ToArray()),
        ],
        static row => new SessionHash(row.GetFieldValue<byte[]>(0)), ct);

    public Task<IReadOnlyList<StoredSession>> ListAsync(string user, DateTimeOffset now, CancellationToken ct) => QueryAsync(
        $"SELECT {Columns} FROM sessions WHERE user_id = @user AND ended_at IS NULL AND expires_at > @now ORDER BY last_seen_at DESC, id DESC",
        [new("user", user), new("now", now)], ReadSession, ct);

    public Task<IReadOnlyList<SessionHash>> RevokeAsync(SessionSelection which, DateTimeOffset at, CancellationToken ct) => QueryAsync("""
        UPDATE sessions SET ended_at = @at, changed_at = @at
        WHERE ended_at IS NULL
          AND (@hash IS NULL OR hash = @hash) AND (@user IS NULL OR user_id = @user)
          AND (@id IS NULL OR id = @id) AND (@except IS NULL OR id <> @except)
        RETURNING hash
        """,
        [
            new("at", at),
            new("hash", NpgsqlDbType.Bytea) { Value = which.Hash?.ToArray() ?? (object)DBNull.Value },
            new("user", NpgsqlDbType.Text) { Value = which.User ?? (object)DBNull.Value },
            new("id", NpgsqlDbType.Uuid) { Value = which.Id ?? (object)DBNull.Value },
            new("except", NpgsqlDbType.Uuid) { Value = which.Except ?? (object)DBNull.Value },
        ],
        static row => new SessionHash(row.GetFieldValue<byte[]>(0)), ct);

    public Task<IReadOnlyList<SessionChange>> ListChangedAsync(DateTimeOffset since, CancellationToken ct) => QueryAsync(
        "SELECT hash, version, ended_at IS NOT NULL FROM sessions WHERE changed_at >= @since",
        [new("since", since)],
        static row => new SessionChange(new SessionHash(row.GetFieldValue<byte[]>(0)), row.GetInt64(1), row.GetBoolean(2)), ct);

    public async Task<int> PurgeAsync(DateTimeOffset before, int limit, CancellationToken ct) => await ExecuteAsync("""
        DELETE FROM sessions WHERE hash IN (
            SELECT hash FROM sessions WHERE least(ended_at, expires_at) < @before LIMIT @limit FOR UPDATE SKIP LOCKED)
        """,
        [new("before", before), new("limit", limit)], ct);

    /// <summary>Every row as text.</summary>
    public async Task<string> DumpAsync() => string.Join('\n', await QueryAsync("SELECT s::text FROM sessions s", [], static row => row.GetString(0), CancellationToken.None));

    public async Task<long> CountAsync() => (await QueryAsync("SELECT count(*) FROM sessions", [], static row => row.GetInt64(0), CancellationToken.None))[0];

    /// <summary>Locks every row, until what it answers is called: which waits for <paramref name="writers"/> who wait, so that each is decided after another.</summary>
    public async Task<Func<Task>> HoldRowsAsync(int writers)
    {
        var connection = await database.OpenConnectionAsync();
        var transaction = await connection.BeginTransactionAsync();
        await using var rows = new NpgsqlCommand("SELECT FROM sessions FOR UPDATE", connection, transaction);
        await rows.ExecuteNonQueryAsync();
        return async () =>
        {
            await using var waiting = new NpgsqlCommand(
                "SELECT pg_stat_clear_snapshot(); SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'", connection, transaction);
            await Eventually.TrueAsync(async () =>
            {
                await using var reader = await waiting.ExecuteReaderAsync();
                await reader.NextResultAsync();
                return await reader.ReadAsync() && reader.GetInt64(0) >= writers;
            }, $"{writers} writers that wait for the row");
            await transaction.DisposeAsync();
            await connection.DisposeAsync();
        };
    }

    public ValueTask DisposeAsync() => database.DisposeAsync();

    private static NpgsqlParameter[] Fields(IEnumerable<(string Name, ReadOnlyMemory<byte>? Value)> fields)
    {
        var all = fields.ToArray();
        return
        [
            new("names", all.Select(static field => field.Name).ToArray()),
            new("values", all.Select(static field => field.Value is { } value ? Convert.ToBase64String(value.Span) : null).ToArray()),
        ];
    }

    private static StoredSession ReadSession(NpgsqlDataReader row) => new()
    {
        Hash = new SessionHash(row.GetFieldValue<byte[]>(0)),
        Id = row.GetGuid(1),
        User = row.GetString(2),
        Device = row.IsDBNull(3) ? null : row.GetString(3),
        Address = row.IsDBNull(4) ? null : row.GetString(4),
        CreatedAt = row.GetFieldValue<DateTimeOffset>(5),
        LastSeenAt = row.GetFieldValue<DateTimeOffset>(6),
        ExpiresAt = row.GetFieldValue<DateTimeOffset>(7),
        Version = row.GetInt64(8),
        Fields = JsonDocument.Parse(row.GetString(9)).RootElement.EnumerateObject()
            .Where(static field => field.Value.GetProperty("b").ValueKind == JsonValueKind.String)
            .ToDictionary(static field => field.Name, static field => (ReadOnlyMemory<byte>)field.Value.GetProperty("b").GetBytesFromBase64()),
    };

    private async Task<int> ExecuteAsync(string sql, NpgsqlParameter[] parameters, CancellationToken ct)
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.AddRange(parameters);
        return await command.ExecuteNonQueryAsync(ct);
    }

    private async Task<IReadOnlyList<T>> QueryAsync<T>(string sql, NpgsqlParameter[] parameters, Func<NpgsqlDataReader, T> read, CancellationToken ct)
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.AddRange(parameters);
        await using var row = await command.ExecuteReaderAsync(ct);
        var rows = new List<T>();
        while (await row.ReadAsync(ct))
            rows.Add(read(row));
        return rows;
    }
}
