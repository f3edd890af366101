using Dapper;
using Npgsql;

namespace Shop.Notifications.Receipts;

/// <summary>
/// Which receipts were sent, in Postgres. A receipt is sent inside the transaction that says so: a second sender of the same
/// receipt waits for the first, and then finds it sent, or, if the first failed, sends it. What is left is one window: a crash
/// after the mail server took the message and before the commit has it sent again, under the same Message-ID.
/// </summary>
public sealed class ReceiptStore(NpgsqlDataSource database, TimeProvider clock)
{
    /// <summary>Whether the receipt of the order was sent.</summary>
    public async Task<bool> WasSentAsync(Guid orderId, CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.QuerySingleAsync<bool>(new CommandDefinition(
            "SELECT EXISTS (SELECT FROM receipts WHERE order_id = @orderId)", new { orderId }, cancellationToken: cancellationToken));
    }

    /// <summary>Calls <paramref name="send"/> unless the receipt was sent, and notes that it was when <paramref name="send"/> answers null.</summary>
    /// <returns>What <paramref name="send"/> answered; null when the receipt was sent before.</returns>
    public async Task<string?> SendOnceAsync(Guid orderId, string messageId, Func<Task<string?>> send, CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var isFirst = await connection.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO receipts (order_id, message_id, sent_at)
            VALUES (@orderId, @messageId, @now)
            ON CONFLICT (order_id) DO NOTHING
            """,
            new { orderId, messageId, now = clock.GetUtcNow() },
            transaction,
            cancellationToken: cancellationToken)) == 1;
        if (!isFirst)
            return null;

        var refusal = await send();
        if (refusal is null)
            await transaction.CommitAsync(CancellationToken.None); // it is sent: that must be noted, whoever wants to stop now
        return refusal;
    }
}
