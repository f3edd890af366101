using Dapper;
using Npgsql;
using Shop.Contracts.Chat;

namespace Shop.Notifications.Chat;

/// <summary>Reads the rooms in Postgres.</summary>
public sealed class ChatReader(NpgsqlDataSource database)
{
    /// <summary>Up to <paramref name="take"/> messages before <paramref name="before"/> (null: the newest), oldest first, with the room's newest sequence of the same moment.</summary>
    public async Task<ChatPage> PageAsync(string room, long? before, int take, CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var rows = (await connection.QueryAsync<(long Last, long? Sequence, string Author, string Name, DateTimeOffset? At, string? Text)>(new CommandDefinition(
            """
            SELECT head.last, message.sequence, message.author, message.name, message.at, message.text
            FROM chat_rooms AS head
            LEFT JOIN LATERAL (
                SELECT sequence, author, name, at, text
                FROM chat_items
                WHERE room = head.room AND removes IS NULL AND sequence < COALESCE(@before, head.last + 1)
                ORDER BY sequence DESC
                LIMIT @take
            ) AS message ON true
            WHERE head.room = @room
            ORDER BY message.sequence
            """,
            new { room, before, take },
            cancellationToken: cancellationToken))).AsList();
        var messages = rows.Where(static row => row.Sequence is not null)
            .Select(static row => new ChatItem(row.Sequence!.Value, new ChatUser(row.Author, row.Name), row.At!.Value, row.Text));
        return new ChatPage([.. messages], rows.Count > 0 ? rows[0].Last : 0);
    }

    /// <summary>Up to <paramref name="take"/> items after <paramref name="after"/>, oldest first.</summary>
    public async Task<IReadOnlyList<ChatItem>> AfterAsync(string room, long after, int take, CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.QueryItemsAsync(new CommandDefinition(
            $"""
            SELECT {ChatRows.Columns}
            FROM chat_items AS item
            WHERE room = @room AND sequence > @after
            ORDER BY sequence
            LIMIT @take
            """,
            new { room, after, take },
            cancellationToken: cancellationToken));
    }

    /// <summary>
    /// Where a reader begins who knows the items until <paramref name="after"/> (null: none, and only the
    /// <paramref name="newest"/> are wanted), and which messages after that are removed.
    /// </summary>
    public async Task<ChatOpening> OpenAsync(string room, long? after, int newest, CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var last = await connection.ExecuteScalarAsync<long?>(new CommandDefinition(
            "SELECT last FROM chat_rooms WHERE room = @room", new { room }, cancellationToken: cancellationToken)) ?? 0;
        var from = after is { } known ? Math.Min(known, last) : Math.Max(last - newest, 0);
        var removed = await connection.QueryAsync<long>(new CommandDefinition(
            "SELECT removes FROM chat_items WHERE room = @room AND removes > @from ORDER BY removes", new { room, from }, cancellationToken: cancellationToken));
        return new ChatOpening(from, [.. removed]);
    }

    /// <summary>The message that the author has posted under this client id, or null.</summary>
    public async Task<ChatItem?> FindAsync(string room, string author, string clientId, CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var found = await connection.QueryItemsAsync(new CommandDefinition(
            $"SELECT {ChatRows.Columns} FROM chat_items AS item WHERE room = @room AND author = @author AND client_id = @clientId",
            new { room, author, clientId },
            cancellationToken: cancellationToken));
        return found.SingleOrDefault();
    }
}
