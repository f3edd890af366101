using System.Globalization;
using Npgsql;

namespace Shop.Messaging.Relaying;

/// <summary>
/// Lets one sweeper work at a time. The lock lives as long as its transaction, and PostgreSQL ends the transaction of a
/// holder that stands still (a paused process, a machine that is gone). It saves double work and nothing more: two
/// sweepers at once would only repeat events.
/// </summary>
internal static class SweepLock
{
    private const long LockId = 0x53_68_6F_70_4F_75_74; // "ShopOut"

    /// <summary>Takes the lock for the transaction of <paramref name="connection"/>, which may stand idle for <paramref name="patience"/>.</summary>
    public static async Task<bool> TryTakeAsync(NpgsqlConnection connection, TimeSpan patience, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(
            """
            SELECT pg_try_advisory_xact_lock($1),
                   set_config('idle_in_transaction_session_timeout', $2, true),
                   set_config('statement_timeout', $2, true)
            """, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<long> { TypedValue = LockId },
                new NpgsqlParameter<string> { TypedValue = ((long)patience.TotalMilliseconds).ToString(CultureInfo.InvariantCulture) },
            },
        };
        await using (command.ConfigureAwait(false))
            return (bool)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
    }
}
