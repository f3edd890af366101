using Dapper;
using Npgsql;
using Shop.Contracts.Chat;
using Shop.Messaging;

namespace Shop.Notifications.Chat;

/// <summary>
/// Writes messages to Postgres. Those that arrive together share a transaction, whatever their rooms: it locks the heads of its
/// rooms in the order of their names, looks for what was posted before, and deals out the next sequences in the order of arrival.
/// Under the lock nobody else can take a sequence or post the same client id; the table's keys say so again.
/// </summary>
public sealed class ChatStore : IAsyncDisposable
{
    private readonly NpgsqlDataSource _database;
    private readonly GroupCommit<Posting, Written> _groupCommit;

    public ChatStore(NpgsqlDataSource database)
    {
        _database = database;
        _groupCommit = new GroupCommit<Posting, Written>("chat.post", CommitAsync);
    }

    /// <summary>Completes when the message is durable; answers the one that was posted first under its client id.</summary>
    public Task<Written> PostAsync(Posting posting, CancellationToken cancellationToken = default) => _groupCommit.SubmitAsync(posting, cancellationToken);

    public ValueTask DisposeAsync() => _groupCommit.DisposeAsync();

    private async Task<IReadOnlyList<Written>> CommitAsync(IReadOnlyList<Posting> batch, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var heads = await LockAsync(transaction, batch, cancellationToken);
        var messages = await EarlierAsync(transaction, batch, cancellationToken);
        var fresh = batch.Where(posting => !messages.ContainsKey(posting.Key)).DistinctBy(static posting => posting.Key).ToList();
        foreach (var posting in fresh)
            messages.Add(posting.Key, posting.As(++heads[posting.Room]));
        if (fresh.Count > 0)
            await WriteAsync(transaction, fresh, messages, heads, cancellationToken);
        await transaction.CommitAsync(cancellationToken);

        var unanswered = fresh.Select(static posting => posting.Key).ToHashSet();
        return [.. batch.Select(posting => new Written(messages[posting.Key], IsNew: unanswered.Remove(posting.Key)))];
    }

    /// <summary>The newest sequence of each room; nobody else takes the next before this transaction ends.</summary>
    private static async Task<Dictionary<string, long>> LockAsync(NpgsqlTransaction transaction, IReadOnlyList<Posting> batch, CancellationToken cancellationToken)
    {
        var rooms = batch.Select(static posting => posting.Room).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        var heads = await transaction.Connection!.QueryAsync<(string Room, long Last)>(new CommandDefinition(
            """
            INSERT INTO chat_rooms (room, last)
            SELECT room, 0 FROM unnest(@rooms) AS room
            ON CONFLICT (room) DO UPDATE SET last = chat_rooms.last
            RETURNING room, last
            """,
            new { rooms },
            transaction,
            cancellationToken: cancellationToken));
        return heads.ToDictionary(static head => head.Room, static head => head.Last, StringComparer.Ordinal);
    }

    private static async Task<Dictionary<(string Room, string Author, string ClientId), ChatItem>> EarlierAsync(
        NpgsqlTransaction transaction, IReadOnlyList<Posting> batch, CancellationToken cancellationToken)
    {
        // A statement of its own: its snapshot is newer than the locks.
        var rows = await transaction.Connection!.QueryAsync<(string Room, string Author, string ClientId, long Sequence, string Name, DateTimeOffset At, string? Text)>(new CommandDefinition(
            """
            SELECT room, author, client_id, sequence, name, at, text
            FROM chat_items
            JOIN unnest(@rooms, @authors, @clients) AS posting (room, author, client_id) USING (room, author, client_id)
            """,
            new
            {
                rooms = batch.Select(static posting => posting.Room).ToArray(),
                authors = batch.Select(static posting => posting.Author.Id).ToArray(),
                clients = batch.Select(static posting => posting.ClientId).ToArray(),
            },
            transaction,
            cancellationToken: cancellationToken));
        return rows.DistinctBy(static row => (row.Room, row.Sequence)).ToDictionary(
            static row => (row.Room, row.Author, row.ClientId), static row => new ChatItem(row.Sequence, new ChatUser(row.Author, row.Name), row.At, row.Text));
    }

    private static Task WriteAsync(
        NpgsqlTransaction transaction, List<Posting> fresh, Dictionary<(string Room, string Author, string ClientId), ChatItem> messages, Dictionary<string, long> heads, CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO chat_items (room, sequence, author, name, at, client_id, text)
            SELECT * FROM unnest(@rooms, @sequences, @authors, @names, @times, @clients, @texts);

            UPDATE chat_rooms SET last = head.last
            FROM unnest(@headRooms, @headLasts) AS head (room, last)
            WHERE chat_rooms.room = head.room
            """,
            new
            {
                rooms = fresh.ConvertAll(static posting => posting.Room).ToArray(),
                sequences = fresh.ConvertAll(posting => messages[posting.Key].Sequence).ToArray(),
                authors = fresh.ConvertAll(static posting => posting.Author.Id).ToArray(),
                names = fresh.ConvertAll(static posting => posting.Author.Name).ToArray(),
                times = fresh.ConvertAll(static posting => posting.At).ToArray(),
                clients = fresh.ConvertAll(static posting => posting.ClientId).ToArray(),
                texts = fresh.ConvertAll(static posting => posting.Text).ToArray(),
                headRooms = heads.Keys.ToArray(),
                headLasts = heads.Values.ToArray(),
            },
            transaction,
            cancellationToken: cancellationToken));
}
