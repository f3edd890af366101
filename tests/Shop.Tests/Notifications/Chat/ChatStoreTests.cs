using Dapper;
using Npgsql;
using Shop.Contracts.Chat;
using Xunit;

namespace Shop.Tests.Notifications.Chat;

public sealed class ChatStoreTests(Servers servers)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_silos_that_both_own_a_room_never_write_the_same_sequence()
    {
        await using var one = await ChatSandbox.CreateAsync(servers);
        await using var two = one.Replica();

        var results = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => (i % 2 == 0 ? one : two).PostAsync($"message {i}", room: i % 3 == 0 ? "parcels" : ChatSandbox.Lobby)));

        Assert.All(results, static result => Assert.Equal(PostOutcome.Posted, result.Outcome));
        foreach (var (room, count) in new[] { ("parcels", 67), (ChatSandbox.Lobby, 133) })
        {
            var items = await one.Reader.AfterAsync(room, 0, 1000, Cancelled);
            Assert.Equal(Enumerable.Range(1, count).Select(static sequence => (long)sequence), items.Select(static item => item.Sequence));
            Assert.Equal(count, (await one.Reader.PageAsync(room, null, 1, Cancelled)).Last);
        }

        var answered = results.Select(static result => result.Message!).OrderBy(static message => message.Sequence).ThenBy(static message => message.Text, StringComparer.Ordinal);
        var stored = (await one.Reader.AfterAsync("parcels", 0, 1000, Cancelled)).Concat(await one.Reader.AfterAsync(ChatSandbox.Lobby, 0, 1000, Cancelled));
        Assert.Equal(answered.Select(static message => (message.Sequence, message.Text)), stored.Select(static item => (item.Sequence, item.Text)).Order());
    }

    [Fact]
    public async Task The_database_itself_refuses_a_sequence_that_is_taken()
    {
        await using var sandbox = await ChatSandbox.CreateAsync(servers);
        await sandbox.PostedAsync("the first");

        await using var connection = await sandbox.Services.Database.OpenConnectionAsync(Cancelled);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => connection.ExecuteAsync(
            "INSERT INTO chat_items (room, sequence, author, name, at, client_id, text) VALUES ('lobby', 1, 'zombie', 'Z', now(), 'x', 'mine too')"));

        Assert.Equal(PostgresErrorCodes.UniqueViolation, refused.SqlState);
    }

    [Fact]
    public async Task One_client_id_posts_one_message_however_often_and_wherever_it_is_sent()
    {
        await using var one = await ChatSandbox.CreateAsync(servers);
        await using var two = one.Replica();

        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? one : two).PostAsync("hello", clientId: "my-1")));
        var later = await two.PostAsync("  hello ", clientId: "my-1");

        Assert.Single(results, static result => result.Outcome == PostOutcome.Posted);
        Assert.All(results.Append(later), static result => Assert.Equal((1L, "hello"), (result.Message!.Sequence, result.Message.Text)));
        Assert.Equal(PostOutcome.AlreadyPosted, later.Outcome);
        Assert.Single(await one.Reader.AfterAsync(ChatSandbox.Lobby, 0, 10, Cancelled));
    }

    [Fact]
    public async Task A_client_id_belongs_to_one_text_of_one_author_in_one_room()
    {
        await using var sandbox = await ChatSandbox.CreateAsync(servers);
        await sandbox.PostAsync("hello", clientId: "1");

        Assert.Equal(PostOutcome.ClientIdReused, (await sandbox.PostAsync("something else", clientId: "1")).Outcome);
        Assert.Equal(PostOutcome.Posted, (await sandbox.PostAsync("something else", ChatSandbox.Bob, "1")).Outcome);
        Assert.Equal(PostOutcome.Posted, (await sandbox.PostAsync("something else", clientId: "1", room: "parcels")).Outcome);
    }

    [Fact]
    public async Task The_name_is_kept_as_it_was_shown()
    {
        await using var sandbox = await ChatSandbox.CreateAsync(servers);
        await sandbox.PostedAsync("as Ada");
        await sandbox.PostedAsync("as someone new", ChatSandbox.Ada with { Name = "Countess" });

        var page = await sandbox.Reader.PageAsync(ChatSandbox.Lobby, null, 10, Cancelled);

        Assert.Equal([ChatSandbox.Ada, new ChatUser("ada", "Countess")], page.Messages.Select(static message => message.By));
    }

    [Fact]
    public async Task History_is_paged_backwards_without_gap_or_repeat_and_without_removals()
    {
        await using var sandbox = await ChatSandbox.CreateAsync(servers);
        for (var i = 1; i <= 23; i++)
            await sandbox.PostedAsync($"{i}");
        await sandbox.Writer.RemoveAsync(ChatSandbox.Lobby, 5, ChatSandbox.Operator, Cancelled);
        await sandbox.PostedAsync("after the removal");

        var seen = new List<long>();
        long? before = null;
        while (await sandbox.Reader.PageAsync(ChatSandbox.Lobby, before, 10, Cancelled) is { Messages: { Count: > 0 } messages } page)
        {
            Assert.Equal(25, page.Last);
            seen.InsertRange(0, messages.Select(static message => message.Sequence));
            before = messages[0].Sequence;
        }

        Assert.Equal([.. Enumerable.Range(1, 23).Select(static i => (long)i), 25], seen);
    }

    [Fact]
    public async Task An_empty_room_has_an_empty_page_and_is_read_from_its_beginning()
    {
        await using var sandbox = await ChatSandbox.CreateAsync(servers);

        var page = await sandbox.Reader.PageAsync(ChatSandbox.Lobby, null, 10, Cancelled);
        var opening = await sandbox.Reader.OpenAsync(ChatSandbox.Lobby, 7, 50, Cancelled);

        Assert.Equal((0, 0L), (page.Messages.Count, page.Last));
        Assert.Equal((0L, 0), (opening.After, opening.Removed.Count));
    }

    [Theory]
    [InlineData(null, 5, new long[] { 6 })]
    [InlineData(0L, 0, new long[] { 2, 6 })]
    [InlineData(2L, 2, new long[] { 6 })]
    [InlineData(999L, 10, new long[] { })]
    public async Task Opening_a_room_says_where_to_begin_and_what_is_removed_after_it(long? after, long from, long[] removed)
    {
        await using var sandbox = await ChatSandbox.CreateAsync(servers);
        for (var i = 1; i <= 8; i++)
            await sandbox.PostedAsync($"{i}");
        await sandbox.Writer.RemoveAsync(ChatSandbox.Lobby, 6, ChatSandbox.Operator, Cancelled);
        await sandbox.Writer.RemoveAsync(ChatSandbox.Lobby, 2, ChatSandbox.Operator, Cancelled);

        var opening = await sandbox.Reader.OpenAsync(ChatSandbox.Lobby, after, newest: 5, Cancelled);

        Assert.Equal(from, opening.After);
        Assert.Equal(removed, opening.Removed);
    }
}
