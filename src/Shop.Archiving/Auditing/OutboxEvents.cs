using Npgsql;
using NpgsqlTypes;
using Shop.Redis.Streams;

namespace Shop.Archiving.Auditing;

/// <summary>Reads the outbox's side of an audit.</summary>
internal sealed class OutboxEvents(NpgsqlDataSource database)
{
    /// <summary>The same as <see cref="ArchivedEvent.HashOf"/>.</summary>
    private const string Hash = @"('x' || left(encode(sha256(convert_to(id::text || E'\n' || type || E'\n' || key || E'\n' || data, 'UTF8')), 'hex'), 16))::bit(64)::bigint";

    private const string OfWindow = "stream = $1 AND occurred_at >= $2 AND occurred_at < $3";

    /// <summary>The checksum of a window; the events stay in the database.</summary>
    public async Task<Checksum> SumAsync(string stream, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var command = Command($"SELECT count(*), coalesce(bit_xor({Hash}), 0) FROM outbox WHERE {OfWindow}", stream, from, to);
        await using var _ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            return new Checksum(reader.GetInt64(0), reader.GetInt64(1));
        }
    }

    /// <summary>What the checksum is made of, for a window that differs; oldest first.</summary>
    public async Task<List<OutboxEvent>> ReadAsync(string stream, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        List<OutboxEvent> events = [];
        var command = Command($"SELECT position, {Hash}, CASE WHEN published_at IS NOT NULL THEN entry_id END FROM outbox WHERE {OfWindow} ORDER BY position", stream, from, to);
        await using var _ = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                events.Add(new OutboxEvent(reader.GetInt64(0), reader.GetInt64(1), await reader.IsDBNullAsync(2, cancellationToken).ConfigureAwait(false) ? null : reader.GetString(2)));
        }

        return events;
    }

    /// <summary>The events at some positions, oldest first, as the stream has or had them.</summary>
    public async Task<List<StreamMessage>> ReadMessagesAsync(IReadOnlyCollection<long> positions, CancellationToken cancellationToken)
    {
        List<StreamMessage> messages = [];
        var command = database.CreateCommand("SELECT id, type, key, occurred_at, data, traceparent FROM outbox WHERE position = ANY($1) ORDER BY position");
        await using var _ = command.ConfigureAwait(false);
        command.Parameters.Add(new NpgsqlParameter { Value = positions.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                messages.Add(new StreamMessage(
                    reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetFieldValue<DateTimeOffset>(3), reader.GetFieldValue<byte[]>(4),
                    await reader.IsDBNullAsync(5, cancellationToken).ConfigureAwait(false) ? null : reader.GetString(5)));
            }
        }

        return messages;
    }

    /// <summary>When the first event from a moment on happened, or null. The index on the time keeps it from reading what is older.</summary>
    public async Task<DateTimeOffset?> NextAsync(string stream, DateTimeOffset from, CancellationToken cancellationToken)
    {
        var command = database.CreateCommand("SELECT min(occurred_at) FROM outbox WHERE stream = $1 AND occurred_at >= $2");
        await using var _ = command.ConfigureAwait(false);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = stream });
        command.Parameters.Add(Time(from));
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            return await reader.IsDBNullAsync(0, cancellationToken).ConfigureAwait(false) ? null : reader.GetFieldValue<DateTimeOffset>(0);
        }
    }

    internal static NpgsqlParameter Time(DateTimeOffset time) => new NpgsqlParameter<DateTimeOffset> { TypedValue = time.ToUniversalTime() };

    private NpgsqlCommand Command(string sql, string stream, DateTimeOffset from, DateTimeOffset to)
    {
        var command = database.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = stream });
        command.Parameters.Add(Time(from));
        command.Parameters.Add(Time(to));
        return command;
    }
}

/// <summary>What an audit knows of a row.</summary>
/// <param name="Position">The row's place.</param>
/// <param name="Hash">Of its event.</param>
/// <param name="EntryId">Its entry in the stream; null while it is not known to be there.</param>
internal readonly record struct OutboxEvent(long Position, long Hash, string? EntryId);
