using Npgsql;
using NpgsqlTypes;
using Shop.Redis.Streams;

namespace Shop.Messaging.Relaying;

/// <summary>The statements on the outbox table that both the writer and the relay use.</summary>
internal static class OutboxTable
{
    /// <summary>The most earlier rows that an insert reports for one row.</summary>
    private const int MostEarlier = 32;

    /// <summary>Stands in for earlier rows beyond <see cref="MostEarlier"/>: no row has this position, so it is never known to be published.</summary>
    private const long Unlisted = -1;

    /// <summary>The columns from which <see cref="ReadRow"/> makes a row.</summary>
    public const string RowColumns = "position, id, stream, key, type, data, traceparent, occurred_at";

    /// <summary>
    /// Runs the statements before it, inserts the events and commits, in one round trip. Each row comes back with the earlier rows of its key that are
    /// not known to be published: the fast path may append it only after those.
    /// </summary>
    public static async Task<IReadOnlyList<OutboxRow>> InsertAndCommitAsync(
        NpgsqlConnection connection,
        NpgsqlTransaction transaction,
        IReadOnlyList<NpgsqlBatchCommand> before,
        IReadOnlyList<(string Stream, StreamMessage Message)> events,
        CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection, transaction);
        await using var _ = batch.ConfigureAwait(false);
        foreach (var command in before)
            batch.BatchCommands.Add(command);

        // A transaction that has failed answers COMMIT with a quiet ROLLBACK; a statement before it makes it an error.
        batch.BatchCommands.Add(events.Count == 0 ? new NpgsqlBatchCommand("SELECT 0 WHERE false") : Insert(events));
        batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));

        var rows = new List<OutboxRow>(events.Count);
        var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            var latest = new Dictionary<(string, string), long>();
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                var (stream, message) = events[rows.Count];
                var earlier = reader.GetFieldValue<List<long>>(1);
                if (earlier.Count == MostEarlier)
                    earlier.Add(Unlisted);

                // Rows of one statement do not see each other.
                var row = new OutboxRow(reader.GetInt64(0), stream, message, earlier);
                if (latest.TryGetValue(row.Lane, out var sibling))
                    earlier.Add(sibling);
                latest[row.Lane] = row.Position;
                rows.Add(row);
            }

            await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        }

        return rows;
    }

    /// <summary>
    /// Marks rows as published, unless the epoch has changed since before they were appended: then Redis may have lost
    /// them in between, and they stay unpublished. The shared lock makes a change of epoch wait for marks under way, so
    /// that it sees all of them. A row that another marks at this moment is left to it, so that two never deadlock.
    /// </summary>
    public static async Task<int> MarkPublishedAsync(NpgsqlConnection connection, IReadOnlyList<PublishedRow> rows, string epoch, CancellationToken cancellationToken)
    {
        var mark = new NpgsqlBatchCommand(
            """
            WITH same_epoch AS MATERIALIZED (
                SELECT 1 FROM outbox_redis WHERE epoch = $3 FOR SHARE
            ), unmarked AS MATERIALIZED (
                SELECT position, published.entry_id
                FROM unnest($1, $2) AS published (position, entry_id) JOIN outbox USING (position)
                WHERE published_at IS NULL AND EXISTS (SELECT FROM same_epoch)
                FOR NO KEY UPDATE OF outbox SKIP LOCKED
            )
            UPDATE outbox SET published_at = clock_timestamp(), entry_id = unmarked.entry_id
            FROM unmarked
            WHERE outbox.position = unmarked.position
            """)
        {
            Parameters =
            {
                Array(rows.Select(static row => row.Position).ToArray(), NpgsqlDbType.Bigint),
                Array(rows.Select(static row => row.EntryId).ToArray(), NpgsqlDbType.Text),
                new NpgsqlParameter<string> { TypedValue = epoch },
            },
        };

        // A mark that PostgreSQL loses in a crash repeats an event; it is not worth waiting for the disk.
        var batch = new NpgsqlBatch(connection) { BatchCommands = { new NpgsqlBatchCommand("SELECT set_config('synchronous_commit', 'off', true)"), mark } };
        await using (batch.ConfigureAwait(false))
            return await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The unpublished rows of some keys, oldest first.</summary>
    public static async Task<List<OutboxRow>> ReadUnpublishedAsync(NpgsqlConnection connection, IReadOnlyCollection<(string Stream, string Key)> keys, int limit, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(
            $"""
            SELECT {RowColumns}
            FROM outbox
            WHERE published_at IS NULL AND (stream, key) IN (SELECT * FROM unnest($1, $2))
            ORDER BY position
            LIMIT $3
            """, connection)
        {
            Parameters =
            {
                Array(keys.Select(static key => key.Stream).ToArray(), NpgsqlDbType.Text),
                Array(keys.Select(static key => key.Key).ToArray(), NpgsqlDbType.Text),
                new NpgsqlParameter<int> { TypedValue = limit },
            },
        };
        await using (command.ConfigureAwait(false))
            return await ReadRowsAsync(command, cancellationToken).ConfigureAwait(false);
    }

    public static async Task<List<OutboxRow>> ReadRowsAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        List<OutboxRow> rows = [];
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                rows.Add(ReadRow(reader));
        }

        return rows;
    }

    private static OutboxRow ReadRow(NpgsqlDataReader reader) => new(
        reader.GetInt64(0),
        reader.GetString(2),
        new StreamMessage(
            reader.GetGuid(1),
            reader.GetString(4),
            reader.GetString(3),
            reader.GetFieldValue<DateTimeOffset>(7),
            reader.GetFieldValue<byte[]>(5),
            reader.IsDBNull(6) ? null : reader.GetString(6)),
        Earlier: []);

    private static NpgsqlBatchCommand Insert(IReadOnlyList<(string Stream, StreamMessage Message)> events)
    {
        var (ids, streams, keys, types) = (new Guid[events.Count], new string[events.Count], new string[events.Count], new string[events.Count]);
        var (data, traceParents, times) = (new byte[events.Count][], new string?[events.Count], new DateTime[events.Count]);
        for (var i = 0; i < events.Count; i++)
        {
            var (stream, message) = events[i];
            (ids[i], streams[i], keys[i], types[i]) = (message.Id, stream, message.Key, message.Type);
            (data[i], traceParents[i], times[i]) = (message.Data.ToArray(), message.TraceParent, message.Time.UtcDateTime);
        }

        return new NpgsqlBatchCommand(
            $"""
            INSERT INTO outbox (id, stream, key, type, data, traceparent, occurred_at)
            SELECT id, stream, key, type, data, traceparent, occurred_at
            FROM unnest($1, $2, $3, $4, $5, $6, $7) WITH ORDINALITY AS event (id, stream, key, type, data, traceparent, occurred_at, place)
            ORDER BY place
            RETURNING position, ARRAY(
                SELECT earlier.position
                FROM outbox AS earlier
                WHERE earlier.published_at IS NULL AND earlier.stream = outbox.stream AND earlier.key = outbox.key
                LIMIT {MostEarlier})
            """)
        {
            Parameters =
            {
                Array(ids, NpgsqlDbType.Uuid), Array(streams, NpgsqlDbType.Text), Array(keys, NpgsqlDbType.Text), Array(types, NpgsqlDbType.Text),
                Array(data, NpgsqlDbType.Text), Array(traceParents, NpgsqlDbType.Text), Array(times, NpgsqlDbType.TimestampTz),
            },
        };
    }

    private static NpgsqlParameter Array<T>(T[] values, NpgsqlDbType elements) => new() { Value = values, NpgsqlDbType = NpgsqlDbType.Array | elements };
}
