using Dapper;
using Npgsql;
using Shop.Contracts.Chat;

namespace Shop.Notifications.Chat;

/// <summary>
/// Removes messages in Postgres, under the lock of their room's head like every write: in one transaction the text goes, and the
/// removal takes the room's next sequence.
/// </summary>
public sealed class ChatRemovals(NpgsqlDataSource database)
{
    /// <summary>Answers the removal, also when the message was removed before; null when there is no such message.</summary>
    public async Task<Written?> RemoveAsync(string room, long sequence, ChatUser by, DateTimeOffset at, CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition("SELECT FROM chat_rooms WHERE room = @room FOR UPDATE", new { room }, transaction, cancellationToken: cancellationToken));
        var found = await connection.QueryItemsAsync(new CommandDefinition(
            $"""
            SELECT {ChatRows.Columns}
            FROM chat_items AS item
            WHERE room = @room AND (sequence = @sequence AND removes IS NULL OR removes = @sequence)
            ORDER BY sequence
            """,
            new { room, sequence },
            transaction,
            cancellationToken: cancellationToken));
        if (found is not [{ IsRemoved: false }])
            return found is [.., { Removes: not null } earlier] ? new Written(earlier, IsNew: false) : null;

        var removal = await connection.QueryItemsAsync(new CommandDefinition(
            $"""
            UPDATE chat_items SET text = NULL WHERE room = @room AND sequence = @sequence;

            WITH head AS (
                UPDATE chat_rooms SET last = last + 1 WHERE room = @room RETURNING last
            )
            INSERT INTO chat_items AS item (room, sequence, author, name, at, removes)
            SELECT @room, last, @author, @name, @at, @sequence FROM head
            RETURNING {ChatRows.Columns}
            """,
            new { room, sequence, author = by.Id, name = by.Name, at },
            transaction,
            cancellationToken: cancellationToken));
        await transaction.CommitAsync(cancellationToken);
        return new Written(removal.Single(), IsNew: true);
    }
}
