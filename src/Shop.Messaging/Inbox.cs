using Npgsql;
using NpgsqlTypes;

namespace Shop.Messaging;

/// <summary>
/// Makes the effects of an event happen once. A stream delivers at least once: after a crash between the effect and the
/// acknowledgement, a take-over, a refill. The consumer therefore records the event id in the very transaction that
/// holds its effects; when the id is already there, everything was done before, and it does nothing. Of two transactions
/// that record the same id at once, the second waits for the first and then sees the id (or records it, if the first
/// rolled back). An attempt that failed rolled its record back too: a retried or put-back event is new.
/// </summary>
public static class Inbox
{
    /// <summary>Records that <paramref name="consumer"/> works <paramref name="eventId"/> in this transaction.</summary>
    /// <param name="transaction">The transaction that holds the effects; commit it, or nothing was recorded.</param>
    /// <param name="consumer">Names the effect, for example <c>payments</c>: two consumers of one database that both work an event need two names.</param>
    /// <param name="eventId">The event id; in a consumer, <c>context.MessageId</c>.</param>
    /// <param name="cancellationToken">Cancels the statement.</param>
    /// <returns>False: seen before, do nothing.</returns>
    public static async Task<bool> TryRecordAsync(OutboxTransaction transaction, string consumer, Guid eventId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        var command = new NpgsqlCommand(
            """
            INSERT INTO inbox (event_id, consumer) VALUES ($1, $2)
            ON CONFLICT DO NOTHING
            """, transaction.Connection, transaction.Transaction)
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = eventId }, new NpgsqlParameter<string> { TypedValue = consumer } },
        };
        await using (command.ConfigureAwait(false))
            return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false) == 1;
    }

    /// <summary>Records many events in one statement.</summary>
    /// <param name="transaction">The transaction that holds the effects; commit it, or nothing was recorded.</param>
    /// <param name="consumer">Names the effect, as above.</param>
    /// <param name="eventIds">The event ids; one that comes twice counts once.</param>
    /// <param name="cancellationToken">Cancels the statement.</param>
    /// <returns>The ids that are new: only these are to be worked.</returns>
    public static async Task<IReadOnlySet<Guid>> TryRecordAsync(OutboxTransaction transaction, string consumer, IReadOnlyCollection<Guid> eventIds, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(eventIds);

        // Sorted, so that two batches with ids in common wait for each other instead of deadlocking.
        var command = new NpgsqlCommand(
            """
            INSERT INTO inbox (event_id, consumer)
            SELECT DISTINCT event_id, $2 FROM unnest($1) AS event_id ORDER BY event_id
            ON CONFLICT DO NOTHING
            RETURNING event_id
            """, transaction.Connection, transaction.Transaction)
        {
            Parameters =
            {
                new NpgsqlParameter { Value = eventIds.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid },
                new NpgsqlParameter<string> { TypedValue = consumer },
            },
        };
        var fresh = new HashSet<Guid>(eventIds.Count);
        await using (command.ConfigureAwait(false))
        {
            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                    fresh.Add(reader.GetGuid(0));
            }
        }

        return fresh;
    }
}
