using Npgsql;

namespace Shop.Archiving.Auditing;

/// <summary>
/// Where the audits have got to, and what they found. The first is the hold on the outbox: rows from there on are kept beyond their
/// retention, as long as an auditor renews it. The time is the database's.
/// </summary>
internal sealed class AuditLedger(NpgsqlDataSource database, KafkaArchiveOptions options)
{
    private const string Columns = "stream, starts_at, ends_at, events, hash, missing, repaired, unknown, 0::bigint, audited_at";

    /// <summary>Renews the hold, and answers from where to audit. A stream that was never audited begins with the oldest event that the outbox has.</summary>
    public async Task<AuditStart> BeginAsync(string stream, CancellationToken cancellationToken)
    {
        var rows = await QueryAsync(
            """
            UPDATE outbox_holds AS hold SET expires_at = clock_timestamp() + $3
            FROM (SELECT expires_at FROM outbox_holds WHERE holder = $1 AND stream = $2 FOR UPDATE) AS before
            WHERE holder = $1 AND stream = $2
            RETURNING needed_from, before.expires_at < clock_timestamp(), clock_timestamp()
            """, [Text(KafkaArchiver.Group), Text(stream), Span(options.HoldGrace)], ReadStart, cancellationToken).ConfigureAwait(false);
        if (rows is [var start])
            return start;

        var first = await QueryAsync(
            """
            INSERT INTO outbox_holds (holder, stream, needed_from, expires_at)
            SELECT $1, $2, coalesce(min(occurred_at), clock_timestamp()), clock_timestamp() + $3 FROM outbox WHERE stream = $2
            RETURNING needed_from, false, clock_timestamp()
            """, [Text(KafkaArchiver.Group), Text(stream), Span(options.HoldGrace)], ReadStart, cancellationToken).ConfigureAwait(false);
        return first[0] with { IsFirst = true };
    }

    /// <summary>Everything before <paramref name="to"/> is audited; it never goes back.</summary>
    public Task AdvanceAsync(string stream, DateTimeOffset to, CancellationToken cancellationToken) => ExecuteAsync(
        "UPDATE outbox_holds SET needed_from = greatest(needed_from, $3), expires_at = clock_timestamp() + $4 WHERE holder = $1 AND stream = $2",
        [Text(KafkaArchiver.Group), Text(stream), OutboxEvents.Time(to), Span(options.HoldGrace)], cancellationToken);

    /// <summary>Keeps a result; a window that is audited again adds what was missing and repaired to what it had.</summary>
    public Task RecordAsync(AuditedWindow window, CancellationToken cancellationToken) => ExecuteAsync(
        """
        INSERT INTO archive_audit AS before (stream, starts_at, ends_at, events, hash, missing, repaired, unknown)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (stream, starts_at) DO UPDATE
        SET ends_at = excluded.ends_at, events = excluded.events, hash = excluded.hash, unknown = excluded.unknown, audited_at = clock_timestamp(),
            missing = before.missing + excluded.missing, repaired = before.repaired + excluded.repaired
        """,
        [
            Text(window.Stream), OutboxEvents.Time(window.From), OutboxEvents.Time(window.To), Number(window.Events), Number(window.Hash),
            Number(window.Missing), Number(window.Repaired), Number(window.Unknown),
        ], cancellationToken);

    /// <summary>Windows of the last while that have another number of events in the outbox than was audited: transactions that committed late.</summary>
    public Task<List<DateTimeOffset>> ReadLateAsync(string stream, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) => QueryAsync(
        """
        SELECT starts_at
        FROM (
            SELECT date_bin($4, occurred_at, 'epoch') AS starts_at, count(*) AS events
            FROM outbox
            WHERE stream = $1 AND occurred_at >= $2 AND occurred_at < $3
            GROUP BY 1
        ) AS present
        LEFT JOIN (SELECT starts_at, events FROM archive_audit WHERE stream = $1) AS audited USING (starts_at)
        WHERE present.events IS DISTINCT FROM audited.events
        ORDER BY starts_at
        """, [Text(stream), OutboxEvents.Time(from), OutboxEvents.Time(to), Span(options.AuditWindow)], static reader => reader.GetFieldValue<DateTimeOffset>(0), cancellationToken);

    /// <summary>Results, latest window first, of windows that began before a moment.</summary>
    public Task<List<AuditedWindow>> ListAsync(string stream, DateTimeOffset? before, int take, CancellationToken cancellationToken) => QueryAsync(
        $"SELECT {Columns} FROM archive_audit WHERE stream = $1 AND starts_at < $2 ORDER BY starts_at DESC LIMIT $3",
        [Text(stream), before is { } moment ? OutboxEvents.Time(moment) : new NpgsqlParameter<DateTime> { TypedValue = DateTime.MaxValue, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz }, Number(take)], ReadWindow, cancellationToken);

    /// <summary>The sums of all kept results, and how far the audit has come.</summary>
    public async Task<ArchiveStatus?> ReadStatusAsync(string stream, CancellationToken cancellationToken)
    {
        var rows = await QueryAsync(
            """
            SELECT stream, needed_from, greatest(clock_timestamp() - needed_from, interval '0'), windows, events, missing, repaired, unknown
            FROM outbox_holds, (
                SELECT count(*) AS windows, coalesce(sum(events), 0)::bigint AS events, coalesce(sum(missing), 0)::bigint AS missing,
                       coalesce(sum(repaired), 0)::bigint AS repaired, coalesce(sum(unknown), 0)::bigint AS unknown
                FROM archive_audit WHERE stream = $2
            ) AS results
            WHERE holder = $1 AND stream = $2
            """, [Text(KafkaArchiver.Group), Text(stream)],
            static reader => new ArchiveStatus(
                reader.GetString(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetTimeSpan(2),
                reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(6), reader.GetInt64(7)), cancellationToken).ConfigureAwait(false);
        return rows is [var status] ? status : null;
    }

    /// <summary>Forgets old results.</summary>
    public Task TidyAsync(string stream, CancellationToken cancellationToken) => ExecuteAsync(
        "DELETE FROM archive_audit WHERE stream = $1 AND starts_at < clock_timestamp() - $2", [Text(stream), Span(options.KeepResults)], cancellationToken);

    private static AuditStart ReadStart(NpgsqlDataReader reader) =>
        new(reader.GetFieldValue<DateTimeOffset>(0), reader.GetBoolean(1), reader.GetFieldValue<DateTimeOffset>(2));

    private static AuditedWindow ReadWindow(NpgsqlDataReader reader) => new(
        reader.GetString(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetFieldValue<DateTimeOffset>(2), reader.GetInt64(3), reader.GetInt64(4),
        reader.GetInt64(5), reader.GetInt64(6), reader.GetInt64(7), reader.GetInt64(8), reader.GetFieldValue<DateTimeOffset>(9));

    private static NpgsqlParameter Text(string value) => new NpgsqlParameter<string> { TypedValue = value };

    private static NpgsqlParameter Number(long value) => new NpgsqlParameter<long> { TypedValue = value };

    private static NpgsqlParameter Span(TimeSpan value) => new NpgsqlParameter<TimeSpan> { TypedValue = value };

    private async Task ExecuteAsync(string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        var command = database.CreateCommand(sql);
        command.Parameters.AddRange(parameters);
        await using (command.ConfigureAwait(false))
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<List<T>> QueryAsync<T>(string sql, NpgsqlParameter[] parameters, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        List<T> rows = [];
        var command = database.CreateCommand(sql);
        command.Parameters.AddRange(parameters);
        await using var _ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                rows.Add(read(reader));
        }

        return rows;
    }
}

/// <summary>Where an audit takes up.</summary>
/// <param name="From">Everything before is audited.</param>
/// <param name="HoldHadExpired">Nobody had renewed the hold in time: the outbox may have deleted rows from there on.</param>
/// <param name="Now">The database's clock.</param>
internal readonly record struct AuditStart(DateTimeOffset From, bool HoldHadExpired, DateTimeOffset Now)
{
    /// <summary>The stream was never audited before.</summary>
    public bool IsFirst { get; init; }
}
