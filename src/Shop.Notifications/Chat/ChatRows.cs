using Dapper;
using Npgsql;
using Shop.Contracts.Chat;

namespace Shop.Notifications.Chat;

/// <summary>Rows of <c>chat_items</c> as items.</summary>
internal static class ChatRows
{
    /// <summary>What a query for items selects.</summary>
    public const string Columns = "item.sequence, item.author, item.name, item.at, item.text, item.removes";

    public static async Task<IReadOnlyList<ChatItem>> QueryItemsAsync(this NpgsqlConnection connection, CommandDefinition query)
    {
        var rows = await connection.QueryAsync<(long Sequence, string Author, string Name, DateTimeOffset At, string? Text, long? Removes)>(query);
        return [.. rows.Select(static row => new ChatItem(row.Sequence, new ChatUser(row.Author, row.Name), row.At, row.Text, row.Removes))];
    }
}
