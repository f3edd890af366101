using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using Shop.Redis.Streams;

namespace Shop.Messaging.Relaying;

/// <summary>
/// Finds out what Redis lost and makes those rows unpublished, so that the sweeper appends them again, in order. A missing
/// or foreign epoch means a wipe: every row that retention has kept. A new run id with the right epoch means a restart or
/// a failover, which lose the latest writes at most: of the rows published in the last minutes before, those whose
/// entries are gone (some were trimmed after their work was done; repeating them is harmless). Either way a new epoch
/// begins first, so that a mark for an append from before the loss can no longer be set.
/// </summary>
internal sealed class LossRecovery(NpgsqlDataSource database, RedisMarker marker, StreamEntries entries, OutboxOptions options, ILogger<OutboxSweeper> logger)
{
    private const int LookupBatch = 500;

    /// <summary>What the table knows of Redis.</summary>
    public async Task<RedisState> ReadStateAsync(CancellationToken cancellationToken)
    {
        var command = database.CreateCommand("SELECT outbox_id, epoch, run_id, clock_timestamp() FROM outbox_redis");
        await using (command.ConfigureAwait(false))
            return await ReadStateAsync(command, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes table and Redis agree again. False: another process is at it.</summary>
    public async Task<bool> TryRecoverAsync(CancellationToken cancellationToken)
    {
        var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = transaction.ConfigureAwait(false);
        if (!await SweepLock.TryTakeAsync(connection, options.SweepTimeout, cancellationToken).ConfigureAwait(false))
            return false;

        // Another process may have done it since this one looked. The update waits for marks that are under way.
        var read = new NpgsqlCommand("SELECT outbox_id, epoch, run_id, clock_timestamp() FROM outbox_redis FOR UPDATE", connection);
        await using var ___ = read.ConfigureAwait(false);
        var state = await ReadStateAsync(read, cancellationToken).ConfigureAwait(false);
        var seen = await marker.ProbeAsync().ConfigureAwait(false);
        if (state.Agrees(seen))
            return true;

        var epoch = Guid.CreateVersion7().ToString("N");
        await ExecuteAsync(connection, "UPDATE outbox_redis SET epoch = $1, run_id = $2", [new NpgsqlParameter<string> { TypedValue = epoch }, new NpgsqlParameter<string> { TypedValue = seen.RunId }], cancellationToken).ConfigureAwait(false);
        if (seen.Epoch != state.Epoch || state.IsNew)
            await ForgetAllAsync(connection, state, cancellationToken).ConfigureAwait(false);
        else
            await ForgetMissingAsync(connection, state.RunId, seen.RunId, cancellationToken).ConfigureAwait(false);

        // Before the commit: a crash between the two costs one more refill, never a lost event.
        await marker.WriteAsync(epoch).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async Task ForgetAllAsync(NpgsqlConnection connection, RedisState state, CancellationToken cancellationToken)
    {
        await ExecuteAsync(connection, "SET LOCAL statement_timeout = 0", [], cancellationToken).ConfigureAwait(false);

        // Rows that are only held for somebody (outbox_holds) are older than what inboxes remember: not again.
        var rows = await ExecuteAsync(
            connection,
            "UPDATE outbox SET published_at = NULL, entry_id = NULL WHERE published_at >= clock_timestamp() - $1",
            [new NpgsqlParameter<TimeSpan> { TypedValue = options.Retention }],
            cancellationToken).ConfigureAwait(false);
        if (!state.IsNew || rows > 0)
            RelayLog.RedisWasWiped(logger, rows);
        MessagingTelemetry.Republished.Add(rows, new KeyValuePair<string, object?>("shop.outbox.cause", "wipe"));
    }

    private async Task ForgetMissingAsync(NpgsqlConnection connection, string before, string now, CancellationToken cancellationToken)
    {
        // The window ends at the latest publication, not now: Redis may have been away for longer than the window.
        List<(long Position, string Stream, string EntryId)> candidates = [];
        var command = new NpgsqlCommand(
            """
            SELECT position, stream, entry_id
            FROM outbox
            WHERE published_at >= $1 + (SELECT published_at FROM outbox WHERE published_at IS NOT NULL ORDER BY position DESC LIMIT 1)
            """, connection)
        {
            Parameters = { new NpgsqlParameter<TimeSpan> { TypedValue = -options.RestartWindow } },
        };
        await using (command.ConfigureAwait(false))
        {
            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                    candidates.Add((reader.GetInt64(0), reader.GetString(1), reader.GetString(2)));
            }
        }

        List<long> missing = [];
        foreach (var stream in candidates.GroupBy(static row => row.Stream))
        {
            foreach (var chunk in stream.Chunk(LookupBatch))
            {
                var present = await entries.ExistAsync(stream.Key, Array.ConvertAll(chunk, static row => row.EntryId), cancellationToken).ConfigureAwait(false);
                missing.AddRange(chunk.Where((_, i) => !present[i]).Select(static row => row.Position));
            }
        }

        await ExecuteAsync(
            connection,
            "UPDATE outbox SET published_at = NULL, entry_id = NULL WHERE position = ANY($1)",
            [new NpgsqlParameter { Value = missing.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint }],
            cancellationToken).ConfigureAwait(false);
        RelayLog.RedisRestarted(logger, before, now, missing.Count, candidates.Count);
        MessagingTelemetry.Republished.Add(missing.Count, new KeyValuePair<string, object?>("shop.outbox.cause", "restart"));
    }

    private static async Task<RedisState> ReadStateAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            if (!await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                throw new InvalidOperationException("The table outbox_redis has lost its row: INSERT INTO outbox_redis DEFAULT VALUES brings it back, and every kept event is appended again.");
            return new(reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetFieldValue<DateTimeOffset>(3));
        }
    }

    private static async Task<int> ExecuteAsync(NpgsqlConnection connection, string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        await using (command.ConfigureAwait(false))
            return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}

/// <summary>What the table remembers of Redis.</summary>
/// <param name="OutboxId">Names the marker key.</param>
/// <param name="Epoch">What the marker must hold; empty before the first look.</param>
/// <param name="RunId">The server that held it.</param>
/// <param name="ReadAt">When this was read, by the database's clock.</param>
internal sealed record RedisState(Guid OutboxId, string Epoch, string RunId, DateTimeOffset ReadAt)
{
    public bool IsNew => Epoch is "";

    public bool Agrees((string? Epoch, string RunId) seen) => !IsNew && seen.Epoch == Epoch && seen.RunId == RunId;
}
